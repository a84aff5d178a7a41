import { CELLS, WIDENED_LOW_BITS } from '../src/density/cells.ts';
import { CODES, SCRATCH_COPIES, softLossWords } from '../src/memory/layout.ts';
import { ARRAYS_OF_A_PART } from '../src/memory/shard-board.ts';
import type { Shard } from '../src/plan/shards.ts';
import { itemOf } from '../src/shared-list/list.ts';
import { isWidened, type Part } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { eachChunk } from './each-chunk.ts';
import { firstNaN } from './first-nan.ts';
import { InputSums } from './input-sums.ts';
import { clearShardSets, commitShardSets, countChunkSets } from './set-passes.ts';
import { clearFineCells, commitFineCells, countFineCells } from './window-chunk.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Pass 1 of one shard: counts it into the scratch tables, and adds those to the worker's totals when all of it is
 * counted. A shard that fails leaves the totals as they were, and the scratch tables clean.
 */
export async function countShard(state: WorkerState, shard: Shard): Promise<void> {
  const { arena, kernels, layout, shardBoard, slot } = state;
  try {
    for (const [i, segment] of shard.segments.entries()) {
      // for pass 2 to compare with
      const sums = state.outputs.length > 0 ? new InputSums(kernels, segment) : null;
      const visit = (chunk: Chunk): void => {
        state.passes.count(state, chunk);
        noteLowBits(state, chunk, itemOf(state.parts, segment.part));
        countFineCells(state, chunk);
        countChunkSets(state, shard, chunk);
      };
      await eachChunk(state, shard.segments, i, visit, null, sums);
      if (sums) shardBoard.inputSums.set(sums.sums, ARRAYS_OF_A_PART * (state.firstSegments[shard.id] + i));
    }
    const nan = state.nonFinite === 'error' && scratchHasNaN(state) ? await firstNaN(state, shard.segments) : null;
    if (nan) throw nan;
  } catch (error) {
    clearScratch(state);
    clearShardSets(state, shard);
    throw error;
  }
  shardBoard.beginCommit(slot);
  const ignored = kernels.commitCells(arena.scratchCells, arena.totalCells);
  kernels.commitSplits(arena.scratchSplits, arena.totalSplits, 2 * layout.thresholds);
  commitFineCells(state);
  if (state.needs.losses === 1) {
    kernels.commitSums(arena.scratchLosses, arena.totalLosses, softLossWords(layout.thresholds) / 2);
  }
  commitShardSets(state, shard);
  new BigUint64Array(state.memory.buffer, arena.totalIgnored, 1)[0] += BigInt.asUintN(64, ignored);
  shardBoard.endCommit(slot, shard.id);
}

const LOOKED_AT = 0x1_0000;

/** Looks at the lower bits of what was counted, until all have been seen: at once but for numbers that were shorter once. */
function noteLowBits({ kind, kernels, memory, arena }: WorkerState, { logits, samples }: Chunk, part: Part): void {
  if (kind === 'float16') return;
  const word = new Uint32Array(memory.buffer, arena.totalLowBits, 1);
  if (word[0] === LOOKED_AT + 0xffff) return;
  const { dtype } = part.logits;
  const areLogits = part.targets === 'binary' || part.targets === 'index';
  word[0] |= LOOKED_AT;
  word[0] |= areLogits && isWidened(dtype) ? WIDENED_LOW_BITS[dtype] : kernels.lowBits(logits, samples);
}

/** Scratch counters [copy][code], without the marks of cut cells. */
function scratchTable(state: WorkerState, copy: number, code: number): Uint32Array {
  return new Uint32Array(state.memory.buffer, state.arena.scratchCells + 4 * CELLS * (CODES * copy + code), CELLS);
}

/** Whether a sample that counts is NaN: no sample is looked at for this, NaN has cells of its own. */
function scratchHasNaN(state: WorkerState): boolean {
  const infinity = state.kind === 'float16' ? 0x7c00 : 0x7f80;
  for (let copy = 0; copy < SCRATCH_COPIES; copy++) {
    for (const code of [0, 1]) {
      const table = scratchTable(state, copy, code);
      for (const sign of [0, 0x8000]) {
        for (let cell = infinity + 1; cell < 0x8000; cell++) if (table[sign + cell] !== 0) return true;
      }
    }
  }
  if (state.kind === 'float16') return false;
  // the infinity cells are cut: what lies above their threshold is NaN
  const { first, thresholds } = state.layout;
  const firstThreshold = new Uint32Array(state.memory.buffer, first, CELLS + 1);
  const splits = new Uint32Array(state.memory.buffer, state.arena.scratchSplits, 2 * thresholds);
  return [0x7f80, 0xff80].some((cell) => [0, 1].some((code) => splits[code * thresholds + firstThreshold[cell]] !== 0));
}

function clearScratch(state: WorkerState): void {
  const { arena, layout } = state;
  const cells = new Uint32Array(state.memory.buffer, arena.scratchCells, SCRATCH_COPIES * CODES * CELLS);
  for (let i = 0; i < cells.length; i++) cells[i] &= 0x8000_0000;
  new Uint32Array(state.memory.buffer, arena.scratchSplits, 2 * layout.thresholds).fill(0);
  clearFineCells(state);
  const words = state.needs.losses * softLossWords(layout.thresholds);
  new BigUint64Array(state.memory.buffer, arena.scratchLosses, words).fill(0n);
}
