import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inputError } from '../../../src/errors.ts';
import { npy } from '../../run/npy-data.ts';
import { headerText, npyOf, zeros } from '../npy-files.ts';
import { arrayOf, rowsOf } from '../rows-of.ts';
import { ZSTD_NPY, zstdRaw } from '../zstd-files.ts';

const ARRAY = npy(
  'float32',
  [200, 3],
  Array.from({ length: 600 }, (_, i) => i % 7),
);
const ROWS = Buffer.from(ARRAY.subarray(ARRAY.length - 2400));
const end = 'Was it copied or written to the end?';

describe.each([
  ['gzip', 'x.npy.gz', gzipSync(ARRAY)],
  ['gzip in two members', 'x.npy.gz', Buffer.concat([gzipSync(ARRAY.subarray(0, 99)), gzipSync(ARRAY.subarray(99))])],
  ['zstd', 'x.npy.zst', ZSTD_NPY],
  ['zstd in raw blocks', 'x.npy.zst', zstdRaw(ARRAY)],
  [
    'zstd in two frames, with one to skip',
    'x.npy.zst',
    Buffer.concat([
      zstdRaw(ARRAY.subarray(0, 99)),
      Buffer.from('5a2a4d1803000000aabbcc', 'hex'),
      zstdRaw(ARRAY.subarray(99)),
    ]),
  ],
])('%s', (_, name, content) => {
  test('gives its rows, by any name', async () => {
    const source = await arrayOf(content, 'named.npy');
    expect(source).toMatchObject({
      kind: 'packed',
      format: name.slice(2),
      shape: [200, 3],
      storedBytes: content.length,
    });
    expect((await rowsOf(source)).equals(ROWS)).toBe(true);
  });

  test('cut off at every byte', async () => {
    // every byte of the headers, then some
    for (let length = 1; length < content.length; length += length < 100 ? 1 : 177) {
      const read = async () => rowsOf(await arrayOf(content.subarray(0, length), name));
      await expect(read(), `${length} bytes`).rejects.toMatchObject({ exitCode: 3 });
    }
  });
});

describe('zstd', () => {
  const read = async (content: Uint8Array) => rowsOf(await arrayOf(content, 'x.npy.zst'));
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(ZSTD_NPY);
    bytes[at] = byte;
    return bytes;
  };
  test('with a bit flipped in every byte of a checksummed frame: an error, never other rows', async () => {
    for (let bit = 0; bit < 8 * ZSTD_NPY.length; bit += 7) {
      const at = bit >> 3;
      const bytes = changed(at, ZSTD_NPY[at] ^ (1 << (bit & 7)));
      const rows = await read(bytes).catch((error) => {
        expect(error, `bit ${bit}`).toMatchObject({ exitCode: 3 });
        return null;
      });
      if (rows !== null) expect(rows.equals(ROWS), `bit ${bit}`).toBe(true);
    }
  });

  test('a checksum that differs; a window of gigabytes; a dictionary', async () => {
    await expect(read(changed(ZSTD_NPY.length - 1, 0))).rejects.toThrow(
      inputError(`x.npy.zst: damaged zstd data (the checksum differs). ${end}`),
    );
    const window = zstdRaw(ARRAY);
    window[5] = 0xff;
    await expect(read(window)).rejects.toThrow(
      inputError(`x.npy.zst: damaged zstd data (needs a window of 4123168604160 bytes, above 134217728). ${end}`),
    );
    const dictionary = Buffer.concat([Buffer.from('28b52ffd01', 'hex'), Buffer.of(80, 7), zstdRaw(ARRAY).subarray(6)]);
    await expect(read(dictionary)).rejects.toThrow(
      inputError(`x.npy.zst: damaged zstd data (needs a dictionary). ${end}`),
    );
  });
});

test('gzip with every byte changed: an error, never other rows', async () => {
  const content = gzipSync(ARRAY);
  for (let at = 0; at < content.length; at++) {
    const bytes = Buffer.from(content);
    bytes[at] ^= 0x55;
    const rows = await (async () => rowsOf(await arrayOf(bytes, 'x.npy.gz')))().catch((error) => {
      expect(error, `byte ${at}`).toMatchObject({ exitCode: 3 });
      return null;
    });
    if (rows !== null) expect(rows.equals(ROWS), `byte ${at}`).toBe(true);
  }
});

test('a bomb: more than the header says, or a header that says more than can be', async () => {
  const bomb = gzipSync(Buffer.concat([zeros('float32', 4), Buffer.alloc(2 ** 26)]));
  await expect((async () => rowsOf(await arrayOf(bomb, 'x.npy.gz')))()).rejects.toThrow(
    inputError('x.npy.gz: expected 144 bytes when unpacked (its header and rows), found more. Save the file again'),
  );
  const lie = gzipSync(npyOf(headerText('<f4', '(4000000, 3)'), 16));
  await expect(arrayOf(lie, 'x.npy.gz')).rejects.toThrow(
    new RegExp(`^x\\.npy\\.gz: damaged: expected 48000076 bytes out of ${lie.length} of gzip data, which can hold`),
  );
});
