import type { Shard } from '../src/plan/shards.ts';
import type { Chunk } from './chunk.ts';
import type { Address } from './kernel-interface.ts';
import type { WorkerState } from './worker-state.ts';

const COUNTER_BYTES = 16;

/** Counters of the sets that a shard touches: scratch of this worker, and totals of all. */
function countersOf(state: WorkerState, shard: Shard): { scratch: Address; totals: Address; count: number } | null {
  if (state.sets === null) return null;
  const { slots } = state.layout.setSpace;
  const { first, count } = state.sets.shardSets[shard.id];
  const totals = state.layout.setTable + COUNTER_BYTES * first * slots;
  return { scratch: state.arena.scratchSets, totals, count: count * slots };
}

/** Counts a chunk by set into the scratch counters, after it was counted by cell. */
export function countChunkSets(state: WorkerState, shard: Shard, chunk: Chunk): void {
  if (state.sets === null) return;
  const { kernels: k, arena: a, layout: l } = state;
  const { logits, rows, width, targets, rowSets } = chunk;
  const { slots } = l.setSpace;
  // the kernels count set 0 at this address, below the scratch: the shard's own sets lie in it
  const counters = a.scratchSets - COUNTER_BYTES * slots * state.sets.shardSets[shard.id].first;
  const codes = targets.kind === 'codes' ? targets.at : 0;
  const pieces = [l.setEntries, l.first, l.thresholdBits, l.thresholds] as const;
  if (state.kind === 'float16') {
    k.countSetsFloat16(logits, codes, rows, width, rowSets, counters, slots, a.setCopies, l.setEntries);
    if (codes === 0) k.moveRowSetsFloat16(logits, targets.at, rows, width, rowSets, counters, slots, l.setEntries);
  } else {
    k.countSetsFloat32(logits, codes, rows, width, rowSets, counters, slots, a.setCopies, ...pieces);
    if (codes === 0) k.moveRowSetsFloat32(logits, targets.at, rows, width, rowSets, counters, slots, ...pieces);
  }
}

/** Adds what a finished shard counted to the totals, and clears it. */
export function commitShardSets(state: WorkerState, shard: Shard): void {
  const counters = countersOf(state, shard);
  if (counters) state.kernels.commitSets(counters.scratch, counters.totals, counters.count);
}

/** Forgets what a failed shard counted. */
export function clearShardSets(state: WorkerState, shard: Shard): void {
  const counters = countersOf(state, shard);
  if (counters) state.bytes.fill(0, counters.scratch, counters.scratch + COUNTER_BYTES * counters.count);
}

/** Weighs a chunk by set into the output buffer. */
export function weighChunkSets(state: WorkerState, chunk: Chunk): void {
  const { kernels: k, arena: a, layout: l } = state;
  const { logits, rows, width, targets, rowSets } = chunk;
  const { slots } = l.setSpace;
  const codes = targets.kind === 'codes' ? targets.at : 0;
  const pieces = [l.setEntries, l.first, l.thresholdBits, l.thresholds, a.out] as const;
  if (state.kind === 'float16') {
    k.weighSetsFloat16(logits, codes, rows, width, rowSets, l.setTable, slots, l.setEntries, a.out);
    if (codes === 0) {
      k.reweighRowSetsFloat16(logits, targets.at, rows, width, rowSets, l.setTable, slots, l.setEntries, a.out);
    }
  } else {
    k.weighSetsFloat32(logits, codes, rows, width, rowSets, l.setTable, slots, ...pieces);
    if (codes === 0) k.reweighRowSetsFloat32(logits, targets.at, rows, width, rowSets, l.setTable, slots, ...pieces);
  }
}
