import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { OutputFile, SegmentChecksum, StreamWork } from '../../workers/protocol.ts';
import { breathing } from '../breath.ts';
import type { ChecksummedFile } from '../checksummed-file.ts';
import { runError } from '../errors.ts';
import type { NonFinite, OutputDtype, OutputFormat } from '../options/options.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import { type SharedList, SharedListMaker } from '../shared-list/shared-list.ts';
import { combineCrc32, hex32 } from '../sinks/crc32.ts';
import { checkSpace, takenBy } from '../sinks/disk-space.ts';
import { type OutputForm, outputArrayName, outputSuffix } from '../sinks/output-suffix.ts';
import { RAW_FRAMES, type RawFormat, type RawFrame } from '../sinks/raw-frame.ts';
import type { Staging } from '../sinks/staging.ts';
import { columnNames, type WeightTable } from '../sinks/weight-rows.ts';
import { outputShapeOf, type Part, type RowRange } from '../sources/source.ts';
import { type KeepOptions, keptOf } from './keep.ts';
import { arrayDtype, outputBytesOf } from './output-dtype.ts';
import type { Stream } from './stream.ts';
import { type TableFormat, type TableOptions, writeTables } from './table-outputs.ts';

/** Name of a part's weights below the output folder. */
export const outputPath = ({ outputName }: Pick<Part, 'outputName'>, form: OutputForm): string =>
  outputName + outputSuffix(form);

/** What the workers of a run that weighs are given. */
export function weighingWork(
  { kind, scale, parts, shards, sets }: Stream,
  options: { readonly nonFinite: NonFinite; readonly outputDtype: OutputDtype },
  outputs: List<OutputFile>,
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
  /** Whether an earlier run has left the file, with what it has written of it. */
  readonly isLeft: boolean;
}

const isRaw = (format: OutputFormat): format is RawFormat => Object.hasOwn(RAW_FRAMES, format);

function frameOf(part: Part, format: RawFormat, dtype: OutputDtype, rowsCrc32: number): RawFrame {
  const array = { name: outputArrayName(dtype), dtype: arrayDtype(dtype), shape: outputShapeOf(part) };
  return RAW_FRAMES[format](array, rowsCrc32);
}

/** Parts, the rows of each that are there, and what is written of them. */
export type WrittenStream = Pick<Stream, 'parts' | 'ranges'>;

/** Whether some rows of a part belong to other shards. */
const isCut = ({ rows }: Part, { firstRow, endRow }: RowRange): boolean => endRow - firstRow < rows;

/** What follows the path of an output in the file of some of its rows, as they are. */
export const ROWS_SUFFIX = '.rows';

/**
 * Makes the file of each part's weights, what stands before them written and lengths set, for the workers to fill. Formats
 * that do not hold rows as they are get a file of rows beside it. Of a part that is cut its rows alone are written, without a
 * frame.
 */
export async function createOutputs(
  staging: Staging,
  stream: WrittenStream,
  form: OutputForm,
  signal: AbortSignal | undefined,
): Promise<SharedList<StagedOutput>> {
  const { format, outputDtype } = form;
  const rowBytes = ({ classes }: Part): number => classes * outputBytesOf(outputDtype);
  const bytesOf = (part: Part, { firstRow, endRow }: RowRange): number => (endRow - firstRow) * rowBytes(part);
  const place = async (part: Part, i: number) => {
    const cut = isCut(part, stream.ranges[i]);
    const staged = await staging.place(outputPath(part, form) + (cut ? ROWS_SUFFIX : ''));
    return { staged, path: cut || isRaw(format) ? staged : staging.scratch(`${i}`), cut };
  };
  const breathe = breathing(signal);
  let missing = 0;
  for (const [i, part] of stream.parts.entries()) {
    const { path } = await place(part, i);
    const bytes = bytesOf(part, stream.ranges[i]);
    missing += bytes - (staging.resumed ? Math.min(takenBy(path), bytes) : 0);
    await breathe();
  }
  checkSpace(staging.folder, missing);
  const outputs = new SharedListMaker<StagedOutput>();
  for (const [i, part] of stream.parts.entries()) {
    const { staged, path, cut } = await place(part, i);
    const range = stream.ranges[i];
    const { head, tail } = !cut && isRaw(format) ? frameOf(part, format, outputDtype, 0) : NO_FRAME;
    const length = head.length + bytesOf(part, range) + tail.length;
    const isLeft = staging.resumed && statSync(path, { throwIfNoEntry: false })?.size === length;
    try {
      // each call waits for no disk, and there may be 100,000 files
      const file = openSync(path, isLeft ? 'r+' : staging.resumed ? 'w' : 'wx');
      try {
        writeSync(file, head, 0, head.length, 0);
        ftruncateSync(file, length);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw runError(`the output cannot be made (${error instanceof Error ? error.message : String(error)})`, error);
    }
    // where row 0 is, or would be
    outputs.push({ path, dataOffset: head.length - range.firstRow * rowBytes(part), staged, isLeft });
    await breathe();
  }
  return outputs.list();
}

const NO_FRAME: RawFrame = { head: new Uint8Array(0), tail: new Uint8Array(0) };

/** CRC-32 of the rows of a part, or of some of them. */
export type RowsChecksum = Pick<SegmentChecksum, 'part' | 'bytes' | 'crc32'>;

/**
 * Completes the files, now that the weights are in them: what stands around the weights may hold their CRC-32, and formats
 * that do not hold rows as they are are written from the rows.
 *
 * @param checksums in row order
 * @returns what was written, each file with its CRC-32
 */
export async function completeOutputs(
  stream: WrittenStream,
  outputs: List<StagedOutput>,
  options: KeepOptions & TableOptions,
  checksums: readonly RowsChecksum[],
): Promise<ChecksummedFile[]> {
  const { format } = options;
  const rows = rowsOfParts(stream, checksums);
  const tables = isRaw(format) ? [] : await completeTables(stream, outputs, { ...options, format });
  let nextTable = 0;
  const breathe = breathing(options.signal);
  const files: ChecksummedFile[] = [];
  for (const [i, part] of stream.parts.entries()) {
    const path = outputPath(part, options);
    if (isCut(part, stream.ranges[i])) {
      files.push({ path: path + ROWS_SUFFIX, bytes: rows[i].bytes, crc32: hex32(rows[i].crc32) });
    } else {
      const file = isRaw(format)
        ? await completeRaw(part, itemOf(outputs, i), { ...options, format }, rows[i])
        : itemOf(tables, nextTable++);
      files.push({ path, ...file });
    }
    await breathe();
  }
  return files;
}

/** Puts the CRC-32 of the rows of each part together. */
function rowsOfParts({ parts }: WrittenStream, checksums: readonly RowsChecksum[]): RowsChecksum[] {
  const rows = Array.from({ length: parts.length }, (_, part) => ({ part, bytes: 0, crc32: 0 }));
  for (const { part, bytes, crc32: crc } of checksums) {
    const sum = rows[part];
    sum.crc32 = combineCrc32(sum.crc32, crc, bytes);
    sum.bytes += bytes;
  }
  return rows;
}

/** Writes the tables of the parts that are whole. */
function completeTables(
  { parts, ranges }: WrittenStream,
  outputs: List<StagedOutput>,
  options: KeepOptions & TableOptions & { readonly format: TableFormat },
): Promise<Omit<ChecksummedFile, 'path'>[]> {
  const { format, outputDtype } = options;
  const tables: WeightTable[] = [];
  for (const [i, part] of parts.entries()) {
    if (isCut(part, ranges[i])) continue;
    const { path, staged } = itemOf(outputs, i);
    tables.push({
      rowsPath: path,
      rows: part.rows,
      columns: columnNames(outputArrayName(outputDtype), part.logits.shape, part.classes),
      dtype: outputDtype,
      path: staged,
      kept: keptOf(part, options),
    });
  }
  return writeTables(tables, format, options);
}

/** Puts the CRC-32 of the file together, and that of its rows into the file where that needs it. */
async function completeRaw(
  part: Part,
  { path }: StagedOutput,
  { format, outputDtype }: OutputForm & { readonly format: RawFormat },
  { bytes, crc32: crc }: RowsChecksum,
): Promise<Omit<ChecksummedFile, 'path'>> {
  const { head, tail } = frameOf(part, format, outputDtype, crc);
  if (tail.length > 0) await writeAround(path, head, tail, head.length + bytes);
  const beforeTail = combineCrc32(crc32(head), crc, bytes);
  return {
    bytes: head.length + bytes + tail.length,
    crc32: hex32(combineCrc32(beforeTail, crc32(tail), tail.length)),
  };
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
