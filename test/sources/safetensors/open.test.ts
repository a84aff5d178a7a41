import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GhmError, inputError } from '../../../src/errors.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { folderOf } from '../npy-files.ts';
import { framed, safetensors, zeroTensor } from '../safetensors-files.ts';

const NAME = 'x.safetensors';
const openOf = (content: Uint8Array, name = NAME) =>
  openFile({ path: join(folderOf({ [name]: content }), name), name });

const TYPES = [
  ['BOOL', 'bool', 1],
  ['I8', 'int8', 1],
  ['U8', 'uint8', 1],
  ['I16', 'int16', 2],
  ['U16', 'uint16', 2],
  ['I32', 'int32', 4],
  ['U32', 'uint32', 4],
  ['I64', 'int64', 8],
  ['U64', 'uint64', 8],
  ['F16', 'float16', 2],
  ['BF16', 'bfloat16', 2],
  ['F32', 'float32', 4],
  ['F64', 'float64', 8],
] as const;

describe('tensors', () => {
  test.each(TYPES)('%s is %s', async (type, dtype, bytes) => {
    const file = safetensors({ a: zeroTensor('U8', 1, 3), b: zeroTensor(type, bytes, 4, 3) }, { format: 'pt' });
    const container = await openOf(file, 'any.bin');
    expect(container).toMatchObject({ format: 'safetensors', layout: 'arrays', keys: ['a', 'b'], name: 'any.bin' });
    expect(await container.open('b')).toMatchObject({
      kind: 'raw',
      name: 'any.bin[b]',
      dtype,
      bigEndian: false,
      shape: [4, 3],
      rows: 4,
      columns: 3,
      dataOffset: file.length - 12 * bytes,
      storedBytes: 12 * bytes,
    });
  });

  test('a type that is not read does no harm to the others', async () => {
    const container = await openOf(
      safetensors({ a: zeroTensor('F8_E4M3', 1, 3), b: zeroTensor('F4', 1, 1), c: zeroTensor('F32', 4, 1) }),
    );
    expect(await container.open('c')).toMatchObject({ dtype: 'float32' });
    expect(() => container.open('a')).toThrow(
      inputError(
        'x.safetensors[a]: unsupported dtype: expected one of BOOL, I8, U8, I16, U16, I32, U32, I64, U64, F16, BF16, ' +
          'F32, F64; found F8_E4M3. Convert it first',
      ),
    );
  });

  test('no axes, no elements, no tensors', async () => {
    const container = await openOf(safetensors({ a: zeroTensor('F32', 4), b: zeroTensor('F32', 4, 0, 3) }));
    expect(await container.open('a')).toMatchObject({ shape: [], rows: 1, columns: 1 });
    expect(await container.open('b')).toMatchObject({ shape: [0, 3], rows: 0, columns: 3 });
    expect((await openOf(framed('{}'))).keys).toEqual([]);
  });
});

const f32 = (offsets: string, shape = '[1]', dtype = '"F32"'): string =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

describe('bad headers', () => {
  const bad = 'x.safetensors: bad safetensors header';
  test.each([
    ['[]', 0, `${bad} at byte 8: expected '{', found "[]"`],
    ['{', 0, `${bad} at byte 9: expected a text in double quotes, found the end of the header`],
    ['{}x', 0, `${bad} at byte 10: expected nothing more, found "x"`],
    ['{"a":1}', 0, `${bad} at byte 13: expected '{', found "1}"`],
    ['{"a":[[]]}', 0, `${bad} at byte 13: expected '{', found "[[]]}"`],
    ['{"é":[]}', 0, `${bad} at byte 14: expected '{', found "[]}"`],
    [
      `{"a":${f32('[0,4]')},"a":${f32('[4,8]')}}`,
      8,
      `${bad} at byte 62: expected another key, found ${JSON.stringify('"a":{"dtype"')}`,
    ],
    [
      `{"a":${f32('[0,4]', '[[1]]')}}`,
      4,
      `${bad} at byte 37: expected an integer from 0 to 2^53 - 1, found "[1]],\\"data_o"`,
    ],
    [
      `{"a":${f32('[0,4]', '[-1]')}}`,
      4,
      `${bad} at byte 37: expected an integer from 0 to 2^53 - 1, found "-1],\\"data_of"`,
    ],
    [`{"a":${f32('[0,4]', '[1.0]')}}`, 4, `${bad} at byte 38: expected ']', found ".0],\\"data_of"`],
    [
      `{"a":${f32('[0,99999999999999999]')}}`,
      4,
      `${bad} at byte 58: expected an integer from 0 to 2^53 - 1, found "999999999999"`,
    ],
    [`{"a":${f32('[0,4,8]')}}`, 4, `${bad} at byte 60: expected a list of 2 at most, found "8]}}"`],
    [
      '{"a":{"dtype":"F32","shape":[1]}}',
      4,
      `${bad}: tensor "a": expected a 'dtype', a 'shape' and two 'data_offsets', found less`,
    ],
    [`{"a":${f32('[4]')}}`, 4, `${bad}: tensor "a": expected a 'dtype', a 'shape' and two 'data_offsets', found less`],
    [
      '{"a":{"type":"F32"}}',
      4,
      `${bad}: tensor "a": expected only the fields 'dtype', 'shape' and 'data_offsets', found "type"`,
    ],
    [`{"a":${f32('[4,0]')}}`, 4, `${bad}: tensor "a": expected data_offsets in order, found 4, 0`],
    [`{"a":${f32('[0,8]')}}`, 8, `${bad}: tensor "a": expected 4 bytes (F32 [1]), found 8`],
    [
      `{"a":${f32('[0,4]', '[4294967296,4294967296]')}}`,
      4,
      `${bad}: tensor "a": expected 73786976294838210000 bytes (F32 [4294967296, 4294967296]), found 4`,
    ],
    [
      `{"a":${f32('[4,8]')}}`,
      8,
      `${bad}: tensor "a" leaves a hole behind the header: expected it to begin at data byte 0, found 4`,
    ],
    [
      `{"a":${f32('[0,4]')},"b":${f32('[8,12]')}}`,
      12,
      `${bad}: tensor "b" leaves a hole behind "a": expected it to begin at data byte 4, found 8`,
    ],
    [
      `{"a":${f32('[0,4]')},"b":${f32('[2,6]')}}`,
      6,
      `${bad}: tensor "b" overlaps "a": expected it to begin at data byte 4, found 2`,
    ],
    [
      `{"a":${f32('[0,4]')}}`,
      3,
      'x.safetensors: truncated: expected 4 bytes of data behind the header, found 3. Was it copied or written to the end?',
    ],
    [
      `{"a":${f32('[0,4]')}}`,
      5,
      'x.safetensors: longer than its header says: expected 4 bytes of data behind the header, found 5. Save the file again',
    ],
    [Buffer.from('7b22ff22', 'hex'), 0, `${bad}: expected UTF-8 text, found bytes that are not`],
  ])('%j', async (header, dataBytes, message) => {
    await expect(openOf(framed(header, new Uint8Array(dataBytes)))).rejects.toThrow(inputError(message));
  });

  test('nested deeply, or large, soon', async () => {
    for (const piece of ['[', '{"a":', '"', '\\', '{"a":{"shape":[', '1', '[],', ' ']) {
      const start = performance.now();
      await expect(openOf(framed(piece.repeat((4 << 20) / piece.length)))).rejects.toThrow(GhmError);
      await expect(openOf(framed(`{"a":${piece.repeat((4 << 20) / piece.length)}`))).rejects.toThrow(GhmError);
      expect(performance.now() - start).toBeLessThan(4000);
    }
  });

  test('of gigabytes', async () => {
    const path = join(folderOf(), NAME);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(3n << 30n);
    writeFileSync(path, length);
    truncateSync(path, 4 * 2 ** 30);
    await expect(openFile({ path, name: NAME })).rejects.toThrow(
      inputError(
        'x.safetensors: bad safetensors header at byte 0: expected a header of at most 33554432 bytes, found 3221225472',
      ),
    );
  });
});

test('cut off at every byte, and with any byte changed: an error, or the header as it was', async () => {
  const whole = safetensors({ logits: zeroTensor('F32', 4, 3, 2), labels: zeroTensor('I64', 8, 3) });
  const path = join(folderOf(), NAME);
  const settle = async (bytes: Uint8Array): Promise<boolean> => {
    writeFileSync(path, bytes);
    try {
      const container = await openFile({ path, name: NAME });
      for (const key of container.keys) await container.open(key);
      return true;
    } catch (error) {
      if (!(error instanceof GhmError)) throw error;
      expect(error.exitCode).toBe(3);
      return false;
    }
  };
  for (let length = 0; length < whole.length; length++) expect(await settle(whole.subarray(0, length))).toBe(false);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      await settle(bytes);
    }),
    { numRuns: 1000, seed: 5 },
  );
});
