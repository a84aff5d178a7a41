import { constants, gunzipSync, inflateRawSync } from 'node:zlib';
import { type GhmError, inputError } from '../../errors.ts';
import { type InputHandle, readUpTo } from '../input-handle.ts';
import { NPY_PREFIX_BYTES, type NpyHeader, npyHeaderSpan, parseNpyHeader } from '../npy/header.ts';
import type { Packing } from '../source.ts';

type Codec = Packing['codec'];

/** No codec makes more of a byte: a deflate code of 1 bit is 258 bytes at most, a zstd block of 4 bytes 128 KiB. */
const MOST_OUT_OF_ONE: Readonly<Record<Codec, number>> = { deflate: 1032, gzip: 1032, zstd: 32_768 };
const FIRST_TRY = 1 << 12;
const LAST_TRY = 1 << 22;
/** More than the longest header, and than what the first try can become. */
const MOST_UNPACKED = 1 << 23;

/**
 * The .npy header at the start of packed data, of which little is unpacked.
 *
 * @throws inputError where they are damaged, or do not begin with an .npy header
 */
export async function packedNpyHeader(
  handle: InputHandle,
  { codec, offset, bytes }: Pick<Packing, 'codec' | 'offset' | 'bytes'>,
  name: string,
): Promise<NpyHeader> {
  for (let length = FIRST_TRY; ; length *= 16) {
    const packed = readUpTo(handle, offset, Math.min(length, bytes));
    const start = await unpackStart(codec, packed, name);
    const whole = length >= bytes || length >= LAST_TRY;
    const needed =
      start.length < NPY_PREFIX_BYTES ? NPY_PREFIX_BYTES : npyHeaderSpan(start.subarray(0, NPY_PREFIX_BYTES), name).end;
    if (start.length >= needed || whole) return parseNpyHeader(start, name);
  }
}

/**
 * Sees that `bytes` of packed data can become `unpacked` bytes at all: a header that promises more is a lie.
 *
 * @throws inputError
 */
export function checkRatio(codec: Codec, bytes: number, unpacked: number, name: string): void {
  const most = (bytes + 1) * MOST_OUT_OF_ONE[codec];
  if (unpacked <= most) return;
  throw inputError(
    `${name}: damaged: expected ${unpacked} bytes out of ${bytes} of ${codec} data, which can hold ${most} at most. ` +
      'Was it copied or written to the end?',
  );
}

/** What comes out of the first bytes of packed data, which are cut off anywhere. */
async function unpackStart(codec: Codec, packed: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    if (codec === 'zstd') return await (await import('./zstd.ts')).unzstdStart(packed, MOST_UNPACKED);
    const inflate = codec === 'gzip' ? gunzipSync : inflateRawSync;
    return inflate(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_UNPACKED });
  } catch (error) {
    throw damaged(codec, name, error);
  }
}

/** The error for data that a codec cannot unpack. */
export function damaged(codec: Codec, name: string, error: unknown): GhmError {
  const what = error instanceof Error ? error.message : String(error);
  return inputError(`${name}: damaged ${codec} data (${what}). Was it copied or written to the end?`);
}
