import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type OutputArray, RAW_FRAMES } from '../../src/sinks/raw-frame.ts';
import { folderOf } from '../sources/npy-files.ts';
import { HAS_NUMPY, inNumPy } from './numpy.ts';

const small: OutputArray = { name: 'beta', dtype: 'float32', shape: [3, 2] };
const rows = Buffer.from(Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5).buffer);

describe.each(['npy', 'npz', 'safetensors'] as const)('the frame of %s', (format) => {
  const frame = RAW_FRAMES[format](small, crc32(rows));

  it('is as long for any CRC-32 of the rows', () => {
    const other = RAW_FRAMES[format](small, 0);
    expect([other.head.length, other.tail.length]).toEqual([frame.head.length, frame.tail.length]);
  });

  it('ends where rows of any element are aligned, at a multiple of 2 bytes', () => {
    expect(frame.head.length % 2).toBe(0);
  });
});

describe('safetensors', () => {
  it('says name, dtype, shape and place, blank to a multiple of 64 bytes', () => {
    const { head, tail } = RAW_FRAMES.safetensors(small, 0);
    const json = '{"beta":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}';
    expect(Buffer.from(head).readBigUInt64LE(0)).toBe(120n);
    expect(Buffer.from(head.subarray(8)).toString()).toBe(json.padEnd(120));
    expect(tail.length).toBe(0);
  });

  it.each([
    ['float16', 'F16', 2],
    ['uint8', 'U8', 1],
  ] as const)('calls %s %s', (dtype, name, bytes) => {
    const { head } = RAW_FRAMES.safetensors({ name: 'code', dtype, shape: [5] }, 0);
    expect(JSON.parse(Buffer.from(head.subarray(8)).toString())).toEqual({
      code: { dtype: name, shape: [5], data_offsets: [0, 5 * bytes] },
    });
  });
});

describe('npz', () => {
  it('is one stored member without zip64 below 4 GiB, byte for byte', () => {
    const { head, tail } = RAW_FRAMES.npz(small, crc32(rows));
    const npy = RAW_FRAMES.npy(small, 0).head;
    const member = Buffer.concat([npy, rows]);
    const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
    const sizes = word(crc32(member)) + word(member.length) + word(member.length);
    const name = Buffer.from('beta.npy').toString('hex');
    expect(Buffer.from(head).toString('hex')).toBe(
      `504b030414000000000000002100${sizes}08000000${name}${Buffer.from(npy).toString('hex')}`,
    );
    const at = head.length + rows.length;
    expect(Buffer.from(tail).toString('hex')).toBe(
      `504b0102140314000000000000002100${sizes}080000000000000000000000a481${word(0)}${name}` +
        `504b05060000000001000100${word(46 + 8)}${word(at)}0000`,
    );
  });

  it('has zip64 fields from 4 GiB on, and only then', () => {
    const most = 2 ** 32 - 1 - 128;
    const lengths = [most - 1, most].map((length) => {
      const { head, tail } = RAW_FRAMES.npz({ name: 'beta', dtype: 'uint8', shape: [length] }, 0);
      return [head.length, tail.length];
    });
    // 20 bytes of sizes in both headers; 56 + 20 bytes of end records
    expect(lengths[1]).toEqual([lengths[0][0] + 20, lengths[0][1] + 20]);
    const { tail } = RAW_FRAMES.npz({ name: 'beta', dtype: 'uint8', shape: [most + 1] }, 0);
    expect(tail.length).toBe(lengths[1][1]);
  });

  it.skipIf(!HAS_NUMPY)('is read by NumPy and by Python, small and above 4 GiB', () => {
    const folder = folderOf({});
    for (const [name, array] of [
      ['small.npz', small],
      ['large.npz', { ...small, dtype: 'uint8', shape: [2 ** 32 + 12_345] }],
    ] as const) {
      const { head, tail } = RAW_FRAMES.npz(array, crc32(rows));
      const bytes = array.shape.reduce((a, b) => a * b, array.dtype === 'uint8' ? 1 : 4);
      const file = openSync(join(folder, name), 'w');
      // a hole where the rows belong takes no disk
      ftruncateSync(file, head.length + bytes + tail.length);
      writeSync(file, head, 0, head.length, 0);
      if (bytes === rows.length) writeSync(file, rows, 0, rows.length, head.length);
      writeSync(file, tail, 0, tail.length, head.length + bytes);
      closeSync(file);
    }
    const script = `
import zipfile
with zipfile.ZipFile(sys.argv[1] + '/large.npz') as z, z.open('beta.npy') as member:
    version = np.lib.format.read_magic(member)
    shape = np.lib.format.read_array_header_1_0(member)[0]
    info = z.getinfo('beta.npy')
    large = [list(shape), info.file_size, info.compress_size, z.namelist(), member.read(4).hex()]
print(json.dumps([np.load(sys.argv[1] + '/small.npz')['beta'].tolist(), large]))`;
    const size = 2 ** 32 + 12_345 + 128;
    expect(inNumPy(script, folder)).toEqual([
      [
        [0, 0.5],
        [1, 1.5],
        [2, 2.5],
      ],
      [[2 ** 32 + 12_345], size, size, ['beta.npy'], '00000000'],
    ]);
  });
});
