/** How large the stream is. */

/** Slices are cut between blocks of this many rows, so that every array of a slice is whole blocks of 64 bytes. */
export const ROW_BLOCK = 64;
export const LEAST_SAMPLES = 10_000;
/** All arrays lie in one memory of at most 4 GiB, 9 bytes a sample. */
export const MOST_SAMPLES = 384 * 2 ** 20;

const DEFAULT = 64 * 2 ** 20;
const MOST_BY_DEFAULT = 192 * 2 ** 20;
const QUICK = 24 * 2 ** 20;
const LEAST_PER_THREAD = 4 * 2 ** 20;
/** A float32 logit and its label. */
const BYTES_READ = 5;

/** The next whole number of blocks. */
export const wholeBlocks = (samples: number): number => Math.ceil(samples / ROW_BLOCK) * ROW_BLOCK;

/**
 * Samples by default: twice what the third-level caches hold, for the most threads no less than 4 M each; `quick` is
 * the same everywhere.
 */
export function defaultSamples(threads: number, l3Bytes: number, quick: boolean): number {
  if (quick) return QUICK;
  const wanted = Math.max(DEFAULT, (2 * l3Bytes) / BYTES_READ, threads * LEAST_PER_THREAD);
  return Math.min(MOST_BY_DEFAULT, Math.ceil(wanted / 2 ** 20) * 2 ** 20);
}

/** Whether going once over the stream finds some of it in the caches. */
export const staysInCache = (samples: number, l3Bytes: number | null): boolean =>
  l3Bytes !== null && samples * BYTES_READ < 2 * l3Bytes;
