import { copyFileSync, linkSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { breathing } from '../breath.ts';
import type { ChecksummedFile } from '../checksummed-file.ts';
import { inputError, interrupted, runError } from '../errors.ts';
import type { CompleteOutputOptions, CompleteRunOptions } from '../options/complete-options.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import { hex32 } from '../sinks/crc32.ts';
import type { Staging } from '../sinks/staging.ts';
import type { Part } from '../sources/source.ts';
import { outputBytesOf } from './output-dtype.ts';
import { completeOutputs, createOutputs, outputPath, type RowsChecksum, type StagedOutput } from './outputs.ts';
import { type Piece, SHARDS_FOLDER, type ShardRecord, shardFolder } from './shard-record.ts';

/** A piece, and where its file is. */
interface FoundPiece extends Piece {
  readonly file: string;
}

/** What was written into the folder of all shards. */
interface WrittenShards {
  readonly folder: string;
  readonly records: readonly ShardRecord[];
}

type Options = CompleteOutputOptions & Pick<CompleteRunOptions, 'threads' | 'signal' | 'onProgress'>;

/**
 * Makes the outputs of all parts of what their shards wrote: a file that one shard wrote whole is taken as it is, without
 * copying; the rows of one that several wrote are copied into one file, their checksums compared.
 *
 * @returns every output, in the order of the parts
 */
export async function assemblePieces(
  staging: Staging,
  parts: List<Part>,
  shards: WrittenShards,
  options: Options,
): Promise<ChecksummedFile[]> {
  const pieces = piecesByOutput(shards);
  const files = new Map<string, ChecksummedFile>();
  const cut: Part[] = [];
  const breathe = breathing(options.signal);
  for (const part of parts) {
    await breathe();
    const output = outputPath(part, options);
    const own = pieces.get(output) ?? [];
    checkCovered(part, own, output);
    if (own.length !== 1 || own[0].path !== output) {
      cut.push(part);
      continue;
    }
    const [{ file, bytes, crc32: crc }] = own;
    checkLength(file, bytes);
    take(file, await staging.place(output));
    files.set(output, { path: output, bytes, crc32: crc });
  }
  const ranges = cut.map(({ rows }) => ({ firstRow: 0, endRow: rows }));
  const outputs = await createOutputs(staging, { parts: cut, ranges }, options, options.signal);
  const checksums = await copyRows(cut, outputs, pieces, options);
  for (const file of await completeOutputs({ parts: cut, ranges }, outputs, options, checksums))
    files.set(file.path, file);
  return parts.map((part) => files.get(outputPath(part, options))).filter((file) => file !== undefined);
}

function piecesByOutput({ folder: all, records }: WrittenShards): Map<string, FoundPiece[]> {
  const found = new Map<string, FoundPiece[]>();
  for (const record of records) {
    const folder = join(all, SHARDS_FOLDER, shardFolder(record));
    for (const piece of record.pieces) {
      const list = found.get(piece.output) ?? [];
      list.push({ ...piece, file: join(folder, piece.path) });
      found.set(piece.output, list);
    }
  }
  return found;
}

/** @throws inputError where pieces do not follow each other from the first row to the last */
function checkCovered({ rows }: Part, pieces: readonly FoundPiece[], output: string): void {
  let next = 0;
  for (const { firstRow, endRow, file } of pieces) {
    if (firstRow !== next) throw inputError(`${file}: begins at row ${firstRow} of ${output}; expected row ${next}`);
    next = endRow;
  }
  if (next !== rows) throw inputError(`${output}: shards hold ${next} of its ${rows} rows`);
}

/** @throws inputError where something has cut a file, or taken it away */
function checkLength(file: string, bytes: number): void {
  const length = statSync(file, { throwIfNoEntry: false })?.size;
  if (length === bytes) return;
  const found = length === undefined ? 'is not there' : `has ${length} bytes`;
  throw inputError(`${file}: ${found}; expected ${bytes} bytes, as its shard wrote. ${AGAIN}`);
}

const AGAIN = 'Make that shard again with ghm apply --shard --force';

/** One more name for a file, so that the shard stays whole until all is in place; a copy where there are no such names. */
function take(file: string, staged: string): void {
  try {
    linkSync(file, staged);
  } catch {
    try {
      copyFileSync(file, staged);
    } catch (error) {
      throw runError(`${file}: cannot be taken (${text(error)})`, error);
    }
  }
}

/** Copies the rows of parts that several shards wrote into one file each. */
async function copyRows(
  parts: readonly Part[],
  outputs: List<StagedOutput>,
  pieces: ReadonlyMap<string, readonly FoundPiece[]>,
  options: Options,
): Promise<RowsChecksum[]> {
  const breathe = breathing(options.signal);
  const total = parts.reduce((sum, { rows, classes }) => sum + rows * classes, 0);
  const start = performance.now();
  const checksums: RowsChecksum[] = [];
  let done = 0;
  for (const [i, part] of parts.entries()) {
    const rowBytes = part.classes * outputBytesOf(options.outputDtype);
    const { path, dataOffset } = itemOf(outputs, i);
    for (const piece of pieces.get(outputPath(part, options)) ?? []) {
      await breathe();
      const crc = await copyPiece(piece, path, dataOffset + piece.firstRow * rowBytes, options.signal);
      checksums.push({ part: i, bytes: piece.bytes, crc32: crc });
      done += (piece.endRow - piece.firstRow) * part.classes;
      options.onProgress({ pass: 'write', done, total, elapsed: (performance.now() - start) / 1000 });
    }
  }
  return checksums;
}

const BLOCK_BYTES = 8 << 20;

/** @returns the CRC-32 of the piece, which is that of its record */
async function copyPiece(
  { file, bytes, crc32: expected }: FoundPiece,
  to: string,
  position: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const handles: FileHandle[] = [];
  let crc = 0;
  let copied = 0;
  try {
    const source = await open(file, 'r');
    handles.push(source);
    const target = await open(to, 'r+');
    handles.push(target);
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, Math.max(1, bytes)));
    for (;;) {
      const { bytesRead } = await source.read(block, 0, block.length, copied);
      if (bytesRead === 0) break;
      const read = block.subarray(0, bytesRead);
      crc = crc32(read, crc);
      await target.write(read, 0, bytesRead, position + copied);
      copied += bytesRead;
      if (signal?.aborted) throw interrupted();
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw runError(`${file}: cannot be copied (${text(error)})`, error);
  } finally {
    for (const handle of handles) await handle.close();
  }
  if (copied === bytes && hex32(crc) === expected) return crc;
  throw inputError(
    `${file}: ${copied} bytes with CRC-32 ${hex32(crc)}, and its shard wrote ${bytes} with ${expected}. ${AGAIN}`,
  );
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
