import type { BetaTable } from '../../density/beta-table.ts';
import { CELLS, type CellCounts, NEGATIVE, POSITIVE } from '../../density/cells.ts';
import type { Partition } from '../../density/partition.ts';
import { addCounts, dropNaN } from '../../density/pieces.ts';
import { arenaOf, CODES, countersAt, SCRATCH_COPIES, u32At } from '../../memory/layout.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';

const CUT = 0x8000_0000;

/** Puts the partition into the memory and marks the cut cells in every worker's scratch tables. */
export function writePartition(memory: WebAssembly.Memory, { layout, needs }: MemoryPlan, partition: Partition): void {
  u32At(memory, layout.first, CELLS + 1).set(partition.firstThreshold);
  u32At(memory, layout.thresholdBits, partition.thresholds.length).set(partition.thresholds);
  for (let index = 0; index < layout.threads; index++) {
    const { scratchCells } = arenaOf(layout, needs, index);
    const tables = u32At(memory, scratchCells, SCRATCH_COPIES * CODES * CELLS);
    for (let cell = 0; cell < CELLS; cell++) {
      if (partition.firstThreshold[cell] === partition.firstThreshold[cell + 1]) continue;
      for (let copy = 0; copy < SCRATCH_COPIES; copy++) {
        for (const label of [NEGATIVE, POSITIVE]) tables[(copy * CODES + label) * CELLS + cell] = CUT;
      }
    }
  }
}

/** Puts the weights into the memory. */
export function writeBetaTable(memory: WebAssembly.Memory, { layout }: MemoryPlan, table: BetaTable): void {
  u32At(memory, layout.beta, 3 * CELLS).set(table.cells);
  u32At(memory, layout.betaSplits, 2 * layout.thresholds).set(table.splits);
}

/** Sum of all workers' totals. */
export function readCounts(
  memory: WebAssembly.Memory,
  { layout, needs }: MemoryPlan,
  partition: Partition,
): CellCounts {
  const { kind, scale, bins } = partition;
  const count = layout.thresholds;
  const parts = Array.from({ length: layout.threads }, (_, index): CellCounts => {
    const arena = arenaOf(layout, needs, index);
    const cells = countersAt(memory, arena.totalCells, 2 * CELLS);
    const splits = countersAt(memory, arena.totalSplits, 2 * count);
    return {
      kind,
      scale,
      bins,
      cells: [cells.subarray(0, CELLS), cells.subarray(CELLS)],
      splits: [splits.subarray(0, count), splits.subarray(count)],
      ignored: countersAt(memory, arena.totalIgnored, 1)[0],
    };
  });
  const sum = addCounts(parts);
  return { ...sum, ignored: sum.ignored + dropNaN(kind, sum.cells, sum.splits, partition) };
}
