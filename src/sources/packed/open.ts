import type { Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { npyFileBytes } from '../npy/header.ts';
import { axesOf } from '../npy/open.ts';
import type { PackedArray } from '../source.ts';
import { checkRatio, packedNpyHeader } from './first-bytes.ts';

/**
 * Opens an .npy file that is compressed as a whole, with gzip or zstd.
 *
 * @throws inputError where its beginning is damaged, or is not that of an .npy file
 */
export async function openPacked(handle: InputHandle, codec: 'gzip' | 'zstd'): Promise<Container> {
  const { path, name, stats } = handle;
  const format = codec === 'gzip' ? 'npy.gz' : 'npy.zst';
  const packing = { codec, offset: 0, bytes: stats.size } as const;
  const header = await packedNpyHeader(handle, packing, name);
  checkRatio(codec, stats.size, npyFileBytes(header), name);
  const { dtype, bigEndian, shape, dataOffset } = header;
  const array: PackedArray = {
    kind: 'packed',
    format,
    path,
    name,
    dtype,
    bigEndian,
    shape,
    ...axesOf(shape),
    storedBytes: stats.size,
    identity: identityFromStats(stats),
    packing: { ...packing, headerBytes: dataOffset, crc32: null },
  };
  return { path, name, format, layout: 'array', keys: [], open: () => array };
}
