import { closeSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { OutputFile, SegmentChecksum, StreamWork } from '../../workers/protocol.ts';
import type { ChecksummedFile } from '../checksummed-file.ts';
import { runError } from '../errors.ts';
import type { NonFinite, OutputDtype, OutputFormat } from '../options/options.ts';
import { combineCrc32, hex32 } from '../sinks/crc32.ts';
import { type OutputForm, outputArrayName, outputSuffix } from '../sinks/output-suffix.ts';
import { RAW_FRAMES, type RawFormat, type RawFrame } from '../sinks/raw-frame.ts';
import type { Staging } from '../sinks/staging.ts';
import { columnNames } from '../sinks/weight-rows.ts';
import { outputShapeOf, type Part } from '../sources/source.ts';
import { type KeepOptions, keptOf } from './keep.ts';
import { arrayDtype, outputBytesOf } from './output-dtype.ts';
import type { Stream } from './stream.ts';
import { type TableOptions, writeTables } from './table-outputs.ts';

/** Name of a part's weights below the output folder. */
export const outputPath = ({ outputName }: Pick<Part, 'outputName'>, form: OutputForm): string =>
  outputName + outputSuffix(form);

/** What the workers of a run that weighs are given. */
export function weighingWork(
  { kind, scale, parts, shards, sets }: Stream,
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
    sets,
    nonFinite,
    checkWhileWeighing,
    outputs,
    outputBytes: outputBytesOf(outputDtype),
  };
}

/** The file of a part's weights: rows that the workers fill in, of the output itself or of what it is made from. */
export interface StagedOutput extends OutputFile {
  /** Where the output lies until the run is finished. */
  readonly staged: string;
}

const isRaw = (format: OutputFormat): format is RawFormat => Object.hasOwn(RAW_FRAMES, format);

function frameOf(part: Part, format: RawFormat, dtype: OutputDtype, rowsCrc32: number): RawFrame {
  const array = { name: outputArrayName(dtype), dtype: arrayDtype(dtype), shape: outputShapeOf(part) };
  return RAW_FRAMES[format](array, rowsCrc32);
}

/**
 * Makes the file of each part's weights, what stands before them written and lengths set, for the workers to fill. Formats
 * that do not hold rows as they are get a file of rows beside it.
 */
export async function createOutputs(staging: Staging, stream: Stream, form: OutputForm): Promise<StagedOutput[]> {
  const { format, outputDtype } = form;
  const bytesOf = (part: Part): number => part.rows * part.classes * outputBytesOf(outputDtype);
  checkSpace(
    staging.folder,
    stream.parts.reduce((sum, part) => sum + bytesOf(part), 0),
  );
  const outputs: StagedOutput[] = [];
  for (const [i, part] of stream.parts.entries()) {
    const staged = await staging.place(outputPath(part, form));
    const path = isRaw(format) ? staged : staging.scratch(`${i}`);
    const { head, tail } = isRaw(format) ? frameOf(part, format, outputDtype, 0) : NO_FRAME;
    try {
      // each call waits for no disk, and there may be 100,000 files
      const file = openSync(path, 'wx');
      try {
        writeSync(file, head, 0, head.length, 0);
        ftruncateSync(file, head.length + bytesOf(part) + tail.length);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw runError(`the output cannot be made (${error instanceof Error ? error.message : String(error)})`, error);
    }
    outputs.push({ path, dataOffset: head.length, staged });
  }
  return outputs;
}

const NO_FRAME: RawFrame = { head: new Uint8Array(0), tail: new Uint8Array(0) };

/** @throws runError where the outputs would fill the disk */
function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw runError(`${folder}: the outputs need ${bytes} bytes, the disk has ${bavail * bsize} left`);
  }
}

/**
 * Completes the files, now that the weights are in them: what stands around the weights may hold their CRC-32, and formats
 * that do not hold rows as they are are written from the rows.
 *
 * @returns what was written, each file with its CRC-32
 */
export async function completeOutputs(
  stream: Stream,
  outputs: readonly StagedOutput[],
  options: KeepOptions & TableOptions,
  checksums: readonly SegmentChecksum[],
): Promise<ChecksummedFile[]> {
  const { format, outputDtype } = options;
  if (isRaw(format)) return completeRaw(stream, outputs, { ...options, format }, checksums);
  const tables = stream.parts.map(({ logits, rows, classes }, i) => ({
    rowsPath: outputs[i].path,
    rows,
    columns: columnNames(outputArrayName(outputDtype), logits.shape, classes),
    dtype: outputDtype,
    path: outputs[i].staged,
    kept: keptOf(stream.parts[i], options),
  }));
  const written = await writeTables(tables, format, options);
  return written.map((file, i) => ({ path: outputPath(stream.parts[i], options), ...file }));
}

/** Puts the CRC-32 of each file together from the segments', and what needs it into the file. */
async function completeRaw(
  stream: Stream,
  outputs: readonly StagedOutput[],
  form: OutputForm & { readonly format: RawFormat },
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
    const { head, tail } = frameOf(part, form.format, form.outputDtype, crc);
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
