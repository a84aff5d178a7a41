import { closeSync, openSync, writeSync } from 'node:fs';
import { runError } from '../errors.ts';
import { npyHeader } from '../sources/npy/header.ts';
import type { Dtype } from '../sources/source.ts';
import type { ScoreLogits } from './logits.ts';
import { type RecordWriter, readRecords } from './records.ts';

/** What a detection is, as a label of the arrays that are counted. */
export const MATCHED = 1;
export const UNMATCHED = 0;
/** Outside of the evaluation: matched to a crowd, or past the last that takes part. */
export const LEFT_OUT = -1;

const CHUNK = 1 << 16;

/** Writes the labels (int8) and the logits (float32) of the detections as .npy files, in the order of the entries. */
export function writeMatchedArrays(
  paths: { readonly logits: string; readonly labels: string },
  scores: RecordWriter,
  labels: Int8Array,
  logits: ScoreLogits,
): void {
  writeNpy(paths.labels, 'int8', labels.length, (write) => write(new Uint8Array(labels.buffer)));
  writeNpy(paths.logits, 'float32', labels.length, (write) => {
    const chunk = new Float32Array(CHUNK);
    let entry = 0;
    for (const [score] of readRecords(scores)) {
      chunk[entry % CHUNK] = logits.of(score, labels[entry] === MATCHED);
      entry++;
      if (entry % CHUNK === 0) write(new Uint8Array(chunk.buffer));
    }
    write(new Uint8Array(chunk.buffer, 0, 4 * (entry % CHUNK)));
  });
}

function writeNpy(
  path: string,
  dtype: Dtype,
  length: number,
  fill: (write: (bytes: Uint8Array) => void) => void,
): void {
  try {
    const file = openSync(path, 'wx');
    const write = (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    };
    try {
      write(npyHeader([length], dtype));
      fill(write);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw runError(`a temporary file cannot be written (${error instanceof Error ? error.message : error})`, error);
  }
}
