import { closeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { GhmError, interrupted } from '../src/errors.ts';
import { unpackRows } from '../src/sources/packed/rows.ts';
import { DTYPE_BYTES, type PackedArray } from '../src/sources/source.ts';
import { openPlanned, withOutput, writeFully } from './file-io.ts';

/** What an unpacking worker is given once: an i64 counter of elements done, and one that is not 0 when all shall stop. */
export interface UnpackSetup {
  readonly shared: SharedArrayBuffer;
}

/** One array to unpack into the file at `path`, its first row at `offset`. */
export interface UnpackTask {
  readonly source: PackedArray;
  readonly path: string;
  readonly offset: number;
}

/** A failure crosses threads as data: custom fields of errors would be lost. */
export type UnpackResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly exitCode: 1 | 3 | 130; readonly message: string; readonly stack?: string };

const words = new BigInt64Array((workerData as UnpackSetup).shared);

/** Entry of a worker thread. Never throws; a failure is data, and stops the others. */
export default async function unpackTask(task: UnpackTask): Promise<UnpackResult> {
  try {
    await unpack(task);
    return { ok: true };
  } catch (error) {
    Atomics.store(words, 1, 1n);
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (!(error instanceof GhmError)) return { ok: false, exitCode: 1, message, ...(stack !== undefined && { stack }) };
    const exitCode = error.exitCode === 3 || error.exitCode === 130 ? error.exitCode : 1;
    return { ok: false, exitCode, message };
  }
}

/** Writes the rows of an array to their place in the spool. */
async function unpack({ source, path, offset }: UnpackTask): Promise<void> {
  const elementBytes = DTYPE_BYTES[source.dtype];
  const fd = openPlanned(source);
  try {
    await withOutput(path, (spool) =>
      unpackRows(fd, source, (rows, at) => {
        // another array failed, or the run was cancelled; orders no other memory
        if (Atomics.load(words, 1) !== 0n) throw interrupted();
        writeFully(spool, rows, offset + at, path);
        // only for display
        Atomics.add(words, 0, BigInt(Math.floor(rows.length / elementBytes)));
        return true;
      }),
    );
  } finally {
    closeSync(fd);
  }
}
