import { setTimeout as sleep } from 'node:timers/promises';
import type { Partition } from '../../density/partition.ts';
import type { ShardBoard } from '../../memory/shard-board.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';
import { forgetSetCounts } from './set-tables.ts';
import { clearArena, forgetTotals } from './shared-tables.ts';

interface Counters {
  readonly memory: WebAssembly.Memory;
  readonly plan: MemoryPlan;
  readonly partition: Partition;
  readonly board: ShardBoard;
}

/**
 * Puts the counters in order after the death of a slot's worker in pass 1. Where it died while it added to its totals, these are
 * forgotten, and the shards in them are counted again; with sets, whose totals are shared, those of all workers.
 */
export async function recoverCounts({ memory, plan, partition, board }: Counters, slot: number): Promise<void> {
  const lost = board.diedCommitting(slot);
  clearArena(memory, plan, partition, slot);
  if (lost) forgetTotals(memory, plan, slot);
  board.reopen(slot, lost);
  if (!lost || plan.layout.setSpace.sets === 0) return;
  // a worker that holds out died in the same way: its slot is free when its death is known
  while (!board.holdCommits()) await sleep(1);
  for (let other = 0; other < plan.layout.threads; other++) forgetTotals(memory, plan, other);
  forgetSetCounts(memory, plan.layout);
  board.reopenDone();
  board.releaseCommits();
}
