import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shardSamplesFor } from '../src/plan/shards.ts';
import type { StreamInMemory } from './data.ts';
import { type KernelMemory, piecesOf } from './kernel-memory.ts';

/** The stream of the main goal: its shards set how often scratch tables are committed. */
const SHARD_SAMPLES = shardSamplesFor(5e8);

/** Calls back with every chunk, as workers/each-chunk.ts cuts them, and at the end of every shard. */
function eachChunk(
  { plan }: KernelMemory,
  { rows, width }: StreamInMemory,
  visit: (firstRow: number, rows: number) => void,
  endShard?: () => void,
  passes = 1,
): void {
  const rowsPerChunk = Math.max(1, Math.floor(plan.layout.chunkSamples / width));
  let inShard = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let row = 0; row < rows; row += rowsPerChunk) {
      const taken = Math.min(rowsPerChunk, rows - row);
      visit(row, taken);
      inShard += taken * width;
      if (inShard >= SHARD_SAMPLES) {
        endShard?.();
        inShard = 0;
      }
    }
  }
  if (inShard > 0) endShard?.();
}

function commit({ kernels, arena, plan }: KernelMemory): number {
  const ignored = kernels.commitCells(arena.scratchCells, arena.totalCells);
  kernels.commitSplits(arena.scratchSplits, arena.totalSplits, 2 * plan.layout.thresholds);
  return Number(ignored);
}

/** Pass 1 over the stream, where it lies, so many times. Returns samples left out, as the last commit tells. */
export function countPass(k: KernelMemory, stream: StreamInMemory, passes = 1): number {
  const { kernels, arena } = k;
  const { logits, codes, classes, width } = stream;
  const cells = arena.scratchCells;
  const pieces = [arena.scratchSplits, ...piecesOf(k)] as const;
  const half = k.partition.kind === 'float16';
  let ignored = 0;
  eachChunk(
    k,
    stream,
    (row, rows) => {
      const at = logits + row * width * (half ? 2 : 4);
      if (width > 1 && half) {
        kernels.countFloat16Negatives(at, rows * width, cells);
        kernels.moveRowsFloat16(at, classes + 4 * row, rows, width, cells);
      } else if (width > 1) {
        kernels.countFloat32Negatives(at, rows * width, cells, ...pieces, arena.groups);
        kernels.moveRowsFloat32(at, classes + 4 * row, rows, width, cells, ...pieces);
      } else if (half) {
        kernels.countFloat16(at, codes + row, rows, cells);
      } else {
        kernels.countFloat32(at, codes + row, rows, cells, ...pieces, arena.groups);
      }
    },
    () => {
      ignored = commit(k);
    },
    passes,
  );
  return ignored;
}

/** Pass 2 over a float32 stream with a label a sample. Weights go to `out` of the stream. Returns the bits of the first. */
export function weighPass(k: KernelMemory, stream: StreamInMemory, passes = 1): number {
  const { kernels, arena, plan } = k;
  const pieces = [plan.layout.beta, plan.layout.betaSplits, ...piecesOf(k)] as const;
  eachChunk(
    k,
    stream,
    (row, rows) => {
      const at = stream.logits + 4 * row;
      kernels.weighFloat32(at, stream.codes + row, rows, ...pieces, arena.groups, stream.out + 4 * row);
    },
    undefined,
    passes,
  );
  return new Uint32Array(k.memory.buffer, stream.out, 1)[0];
}

/** Reads the arrays of the stream and nothing else. */
export function sumPass(k: KernelMemory, stream: StreamInMemory, passes = 1): number {
  const bytes = k.partition.kind === 'float16' ? 2 : 4;
  const { logits, codes, classes, width } = stream;
  let sum = 0;
  eachChunk(
    k,
    stream,
    (row, rows) => {
      const whole = (size: number) => size & ~63;
      sum ^= k.kernels.streamSum(logits + row * width * bytes, whole(rows * width * bytes));
      sum ^= k.kernels.streamSum(width > 1 ? classes + 4 * row : codes + row, whole(width > 1 ? 4 * rows : rows));
    },
    undefined,
    passes,
  );
  return sum;
}

/** The stream in two files in the page cache, which chunks are read from into the arena. */
export interface CachedFiles {
  /** Pass 1 as the product does it: read, check the labels, count. */
  count(): number;
  /** The reads alone. */
  read(): number;
  remove(): void;
}

/** Writes a float32 stream with a label a sample to files. */
export function cachedFiles(k: KernelMemory, stream: StreamInMemory): CachedFiles {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-bench-'));
  const bytes = new Uint8Array(k.memory.buffer);
  const open = (name: string, from: number, length: number): number => {
    writeFileSync(join(folder, name), bytes.subarray(from, from + length));
    return openSync(join(folder, name), 'r');
  };
  const logits = open('logits', stream.logits, 4 * stream.samples);
  const codes = open('labels', stream.codes, stream.samples);
  const { kernels, arena } = k;
  const pieces = [arena.scratchCells, arena.scratchSplits, ...piecesOf(k), arena.groups] as const;
  const load = (row: number, rows: number) => {
    const read =
      readSync(logits, bytes, arena.logits, 4 * rows, 4 * row) + readSync(codes, bytes, arena.codes, rows, row);
    if (read !== 5 * rows) throw new Error('a short read');
  };
  return {
    count: () => {
      let ignored = 0;
      eachChunk(
        k,
        stream,
        (row, rows) => {
          load(row, rows);
          if (kernels.binaryCodes(0, arena.codes, rows, -1, arena.codes) >= 0) throw new Error('a bad label');
          kernels.countFloat32(arena.logits, arena.codes, rows, ...pieces);
        },
        () => {
          ignored = commit(k);
        },
      );
      return ignored;
    },
    read: () => {
      eachChunk(k, stream, load);
      return bytes[arena.logits] + bytes[arena.codes];
    },
    remove: () => {
      closeSync(logits);
      closeSync(codes);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
