import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputError } from '../../../src/errors.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { npy } from '../../run/npy-data.ts';
import { folderOf, zeros } from '../npy-files.ts';
import { arrayOf, rowsOf } from '../rows-of.ts';
import { type Member, npz, zip } from '../zip-files.ts';

const VALUES = Array.from({ length: 3000 }, (_, i) => (i * i) % 977);
const ARRAY = npy('float32', [1000, 3], VALUES);
const ROWS = Buffer.from(ARRAY.subarray(ARRAY.length - 12_000));

describe('members', () => {
  test('stored: rows as they are, at their offset', async () => {
    const source = await arrayOf(npz({ labels: zeros('int8', 4), 'sub/logits': ARRAY }), 'x.npz', 'sub/logits');
    expect(source).toMatchObject({
      kind: 'raw',
      format: 'npz',
      name: 'x.npz[sub/logits]',
      dtype: 'float32',
      shape: [1000, 3],
      storedBytes: ARRAY.length,
    });
    expect((await rowsOf(source)).equals(ROWS)).toBe(true);
  });

  test('deflated: unpacked, also big-endian', async () => {
    const source = await arrayOf(npz({ logits: ARRAY }, true), 'x.bin', 'logits');
    expect(source).toMatchObject({ kind: 'packed', dtype: 'float32', rows: 1000, columns: 3, bigEndian: false });
    expect((await rowsOf(source)).equals(ROWS)).toBe(true);
    const big = npy('float32', [1000, 3], VALUES, { bigEndian: true });
    expect(await arrayOf(npz({ logits: big }, true), 'x.npz', 'logits')).toMatchObject({ bigEndian: true });
  });

  test('empty and zero-dimensional ones; a header that takes long to inflate', async () => {
    const wide = Buffer.from(npy('uint8', [2], [1, 2]));
    const padded = Buffer.concat([
      Buffer.from('\x93NUMPY\x02\0', 'latin1'),
      Buffer.from(Uint32Array.of(200_000).buffer),
      Buffer.from(wide.toString('latin1', 10, wide.length - 2).padEnd(200_000), 'latin1'),
      Buffer.of(1, 2),
    ]);
    const file = npz({ none: zeros('float32', 0, 3), one: zeros('float64'), padded }, true);
    expect(await rowsOf(await arrayOf(file, 'x.npz', 'none'))).toHaveLength(0);
    expect(await rowsOf(await arrayOf(file, 'x.npz', 'one'))).toHaveLength(8);
    expect([...(await rowsOf(await arrayOf(file, 'x.npz', 'padded')))]).toEqual([1, 2]);
  });

  test('other members are passed over; an archive without arrays is told', async () => {
    const open = (content: Uint8Array) => openFile({ path: join(folderOf({ 'x.pt': content }), 'x.pt'), name: 'x.pt' });
    const mixed = zip([
      { name: 'notes.txt', data: Buffer.from('x') },
      { name: 'a.npy', data: ARRAY },
    ]);
    expect((await open(mixed)).keys).toEqual(['a']);
    for (const file of [zip([]), zip([{ name: 'archive/data.pkl', data: Buffer.from('\x80\x02') }])]) {
      await expect(open(file)).rejects.toThrow(
        inputError(
          'x.pt: this zip archive holds no .npy arrays; expected an .npz. Save one with np.savez(path, logits=.., labels=..)',
        ),
      );
    }
  });
});

describe('what archives say that is not so', () => {
  const deflated = { name: 'a.npy', data: ARRAY, deflated: true };
  const stored = { name: 'a.npy', data: ARRAY };
  const end = 'Was it copied or written to the end?';
  test.each<[string, Member[], string | RegExp]>([
    [
      'encrypted',
      [{ ...deflated, flags: 1 }],
      'x.npz[a]: is encrypted; expected a plain member. Save the file again without',
    ],
    [
      'method 14',
      [{ ...stored, method: 14 }],
      'x.npz[a]: compression method 14: expected 0 (stored) or 8 (deflated). Save it with np.savez or np.savez_compressed',
    ],
    ['two of a name', [stored, stored], 'x.npz: holds two members a.npy; expected one of a name'],
    [
      'a name that climbs out',
      [{ ...stored, name: '../a.npy' }],
      `x.npz: damaged zip archive: invalid relative path: ../a.npy. ${end}`,
    ],
    ['an absolute name', [{ ...stored, name: '/a.npy' }], `x.npz: damaged zip archive: absolute path: /a.npy. ${end}`],
    [
      'a stored size that lies',
      [{ ...stored, size: ARRAY.length + 1 }],
      `x.npz: damaged zip archive: compressed/uncompressed size mismatch for stored file: ${ARRAY.length} != ${ARRAY.length + 1}. ${end}`,
    ],
    [
      'a size above what the header promises',
      [{ ...deflated, size: ARRAY.length + 1 }],
      `x.npz[a]: longer than its header says: expected ${ARRAY.length} bytes (float32 [1000, 3] after ${ARRAY.length - 12_000} bytes of header), found ${ARRAY.length + 1}. Save the array again`,
    ],
    [
      'a size that cannot be',
      [{ ...deflated, size: 0x7fff_ffff }],
      /^x\.npz\[a\]: damaged: expected 2147483647 bytes out of \d+ of deflate data, which can hold \d+ at most\. Was/,
    ],
    ['another CRC-32', [{ ...deflated, crc: 1 }], `x.npz[a]: damaged: its CRC-32 differs from the archive's. ${end}`],
    [
      'a place outside',
      [{ ...stored, localOffset: 0x7fff_ffff }],
      `x.npz: damaged zip archive: unexpected EOF. ${end}`,
    ],
    [
      'a place that is no header',
      [{ ...stored, localOffset: 7 }],
      /^x\.npz: damaged zip archive: invalid local file header signature/,
    ],
    [
      'a packed size beyond the file',
      [{ ...deflated, packedSize: 0x7fff_ffff }],
      /^x\.npz: damaged zip archive: file data overflows file bounds/,
    ],
    [
      'a packed size cut short',
      [{ ...deflated, packedSize: 900 }],
      `x.npz[a]: damaged deflate data (unexpected end of file). ${end}`,
    ],
    [
      'data that are no .npy',
      [{ ...stored, data: Buffer.from('hello, hello') }],
      'x.npz[a]: not an .npy file: expected 93 4e 55 4d 50 59 at byte 0, found 68 65 6c 6c 6f 2c',
    ],
    [
      'no data',
      [{ ...deflated, data: Buffer.alloc(0) }],
      'x.npz[a]: truncated .npy header: expected at least 12 bytes, found 0. Was it copied or written to the end?',
    ],
  ])('%s', async (_, members, message) => {
    const read = async () => rowsOf(await arrayOf(zip(members), 'x.npz', 'a'));
    await expect(read()).rejects.toThrow(typeof message === 'string' ? inputError(message) : message);
    await expect(read()).rejects.toMatchObject({ exitCode: 3 });
  });
});

test('a bomb is stopped where its header ends', async () => {
  // 64 MiB of zeros behind a header of 4 elements, with a size that fits the header
  const small = zeros('float32', 4);
  const bomb = Buffer.concat([small, Buffer.alloc(2 ** 26)]);
  const source = await arrayOf(zip([{ name: 'a.npy', data: bomb, deflated: true, size: small.length }]), 'x.npz', 'a');
  await expect(rowsOf(source)).rejects.toThrow(
    inputError(
      `x.npz[a]: expected ${small.length} bytes when unpacked (its header and rows), found more. Save the file again`,
    ),
  );
});
