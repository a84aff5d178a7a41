import { statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { OutputFile, SegmentChecksum, StreamWork } from '../../workers/protocol.ts';
import { runError } from '../errors.ts';
import type { NonFinite, OutputDtype } from '../options/options.ts';
import { combineCrc32 } from '../sinks/crc32.ts';
import { type OutputForm, outputArrayName, outputSuffix } from '../sinks/output-suffix.ts';
import { RAW_FRAMES, type RawFrame } from '../sinks/raw-frame.ts';
import type { Staging } from '../sinks/staging.ts';
import type { Part } from '../sources/source.ts';
import { arrayDtype, outputBytesOf } from './output-dtype.ts';
import type { Stream } from './stream.ts';
import type { ChecksummedFile } from './summary.ts';

/** Name of a part's weights below the output folder. */
export const outputPath = ({ outputName }: Pick<Part, 'outputName'>, form: OutputForm): string =>
  outputName + outputSuffix(form);

/** What the workers of a run that weighs are given. */
export function weighingWork(
  { kind, scale, parts, shards }: Stream,
  options: { readonly nonFinite: NonFinite; readonly outputDtype: OutputDtype },
  outputs: readonly OutputFile[],
  checkWhileWeighing: boolean,
): StreamWork {
  const { nonFinite, outputDtype } = options;
  return {
    kind,
    scale,
    parts,
    shards,
    nonFinite,
    checkWhileWeighing,
    outputs,
    outputBytes: outputBytesOf(outputDtype),
  };
}

function frameOf(part: Part, { format, outputDtype }: OutputForm, rowsCrc32: number): RawFrame {
  const array = {
    name: outputArrayName(outputDtype),
    dtype: arrayDtype(outputDtype),
    shape: part.logits.shape,
  };
  return RAW_FRAMES[format](array, rowsCrc32);
}

/** Makes the file of each part's weights, what stands before them written and lengths set, for the workers to fill. */
export async function createOutputs(staging: Staging, stream: Stream, form: OutputForm): Promise<OutputFile[]> {
  const bytesOf = (part: Part): number => part.rows * part.classes * outputBytesOf(form.outputDtype);
  checkSpace(
    staging.folder,
    stream.parts.reduce((sum, part) => sum + bytesOf(part), 0),
  );
  const outputs: OutputFile[] = [];
  for (const part of stream.parts) {
    const path = await staging.place(outputPath(part, form));
    const { head, tail } = frameOf(part, form, 0);
    try {
      const file = await open(path, 'wx');
      try {
        await file.write(head, 0, head.length, 0);
        await file.truncate(head.length + bytesOf(part) + tail.length);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw runError(`the output cannot be made (${error instanceof Error ? error.message : String(error)})`, error);
    }
    outputs.push({ path, dataOffset: head.length });
  }
  return outputs;
}

/** @throws runError where the outputs would fill the disk */
function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw runError(`${folder}: the outputs need ${bytes} bytes, the disk has ${bavail * bsize} left`);
  }
}

/**
 * Completes the files, now that the weights are in them: what stands around the weights may hold their CRC-32.
 *
 * @returns what was written, each file with its CRC-32 put together from the segments'
 */
export async function completeOutputs(
  stream: Stream,
  outputs: readonly OutputFile[],
  form: OutputForm,
  checksums: readonly SegmentChecksum[],
): Promise<ChecksummedFile[]> {
  const rows = stream.parts.map(() => ({ bytes: 0, crc: 0 }));
  // shard order is row order
  for (const segment of checksums) {
    const sum = rows[segment.part];
    sum.crc = combineCrc32(sum.crc, segment.crc32, segment.bytes);
    sum.bytes += segment.bytes;
  }
  const files: ChecksummedFile[] = [];
  for (const [i, part] of stream.parts.entries()) {
    const { bytes, crc } = rows[i];
    const { head, tail } = frameOf(part, form, crc);
    if (tail.length > 0) await writeAround(outputs[i].path, head, tail, head.length + bytes);
    const beforeTail = combineCrc32(crc32(head), crc, bytes);
    files.push({
      path: outputPath(part, form),
      bytes: head.length + bytes + tail.length,
      crc32: hex32(combineCrc32(beforeTail, crc32(tail), tail.length)),
    });
  }
  return files;
}

async function writeAround(path: string, head: Uint8Array, tail: Uint8Array, tailAt: number): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      await file.write(head, 0, head.length, 0);
      await file.write(tail, 0, tail.length, tailAt);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw runError(`the output cannot be completed (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

/** A CRC-32 as eight hexadecimal digits. */
export const hex32 = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
