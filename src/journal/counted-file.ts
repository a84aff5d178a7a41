import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellCounts } from '../density/cells.ts';
import { ARRAYS_OF_A_PART } from '../memory/shard-board.ts';
import { decodePartial, encodePartial } from '../partial/partial-file.ts';
import { replaceFile } from '../sinks/flush.ts';
import { lineOf, linesOf } from './lines.ts';

/** What pass 1 has counted up to a moment, all of the run's shards that are done. */
export interface Counted {
  /** [shards] 1 for each that is counted. */
  readonly done: Uint8Array;
  /** [segments][ARRAYS_OF_A_PART] */
  readonly inputSums: Uint32Array;
  readonly counts: CellCounts;
}

const pathOf = (folder: string): string => join(folder, 'counted');

/** Replaces what the folder holds of pass 1, which is on the disk then. */
export async function writeCounted(folder: string, { done, inputSums, counts }: Counted): Promise<void> {
  const marks = { done: base64(done), inputSums: base64(inputSums) };
  await replaceFile(
    pathOf(folder),
    Buffer.concat([lineOf(JSON.stringify(marks)), lineOf(encodePartial(counts).trim())]),
  );
}

/** What the folder holds of pass 1; `null` where that is nothing, or damaged. */
export async function readCounted(folder: string, shards: number, segments: number): Promise<Counted | null> {
  let content: Buffer;
  try {
    content = readFileSync(pathOf(folder));
  } catch {
    return null;
  }
  const [marks, partial] = linesOf(content).records;
  if (!areMarks(marks) || partial === undefined) return null;
  const done = Uint8Array.from(Buffer.from(marks.done, 'base64'));
  const sums = Uint8Array.from(Buffer.from(marks.inputSums, 'base64'));
  if (done.length !== shards || sums.length !== 4 * ARRAYS_OF_A_PART * segments) return null;
  return { done, inputSums: new Uint32Array(sums.buffer), counts: await decodePartial(partial, pathOf(folder)) };
}

const areMarks = (record: unknown): record is { readonly done: string; readonly inputSums: string } =>
  typeof record === 'object' &&
  record !== null &&
  'done' in record &&
  typeof record.done === 'string' &&
  'inputSums' in record &&
  typeof record.inputSums === 'string';

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
