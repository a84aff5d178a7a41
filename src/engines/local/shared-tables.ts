import type { BetaTable } from '../../density/beta-table.ts';
import { CELLS, type CellCounts, NEGATIVE, POSITIVE } from '../../density/cells.ts';
import { type FineCounts, fineGrid } from '../../density/fine-cells.ts';
import type { Partition } from '../../density/partition.ts';
import { dropNaN } from '../../density/pieces.ts';
import type { Scale } from '../../density/scale.ts';
import { addSoftLosses, NORM_CELLS, noSoftLosses, type SoftLosses, setUnits } from '../../density/soft-losses.ts';
import type { WindowTable } from '../../density/window-table.ts';
import {
  type Arena,
  arenaOf,
  type BufferNeeds,
  CODES,
  countersOf,
  fineEntries,
  type Layout,
  SCRATCH_COPIES,
  softLossWords,
} from '../../memory/layout.ts';
import { countersAt, sumOfCounters, u32At } from '../../memory/shared-memory.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';
import type { ByteOffset } from '../../sources/source.ts';
import type { WeightTable } from '../engine.ts';
import { writeSetWeights } from './set-tables.ts';

const CUT = 0x8000_0000;

/** Puts the partition into the memory and marks the cut cells in every worker's scratch tables. */
export function writePartition(memory: WebAssembly.Memory, plan: MemoryPlan, partition: Partition): void {
  const { layout } = plan;
  u32At(memory, layout.first, CELLS + 1).set(partition.firstThreshold);
  u32At(memory, layout.thresholdBits, partition.thresholds.length).set(partition.thresholds);
  for (let index = 0; index < layout.threads; index++) markCutCells(memory, plan, partition, index);
}

function markCutCells(
  memory: WebAssembly.Memory,
  { layout, needs }: MemoryPlan,
  partition: Partition,
  index: number,
): void {
  const { scratchCells } = arenaOf(layout, needs, index);
  const tables = u32At(memory, scratchCells, SCRATCH_COPIES * CODES * CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    if (partition.firstThreshold[cell] === partition.firstThreshold[cell + 1]) continue;
    for (let copy = 0; copy < SCRATCH_COPIES; copy++) {
      for (const label of [NEGATIVE, POSITIVE]) tables[(copy * CODES + label) * CELLS + cell] = CUT;
    }
  }
}

/** Makes the arena of a dead worker one in which no shard is under way. Its totals stay. */
export function clearArena(memory: WebAssembly.Memory, plan: MemoryPlan, partition: Partition, index: number): void {
  const { scratch } = countersOf(plan.layout, plan.needs, index);
  for (const { at, bytes } of scratch) new Uint8Array(memory.buffer, at, bytes).fill(0);
  markCutCells(memory, plan, partition, index);
}

/** Forgets what the worker of an arena has counted; but for sets, whose totals all workers share. */
export function forgetTotals(memory: WebAssembly.Memory, plan: MemoryPlan, index: number): void {
  const { totals } = countersOf(plan.layout, plan.needs, index);
  for (const { at, bytes } of totals) new Uint8Array(memory.buffer, at, bytes).fill(0);
}

/** Puts the weights of any form into the memory. */
export function writeWeights(memory: WebAssembly.Memory, plan: MemoryPlan, table: WeightTable): void {
  if ('setBeta' in table) writeSetWeights(memory, plan.layout, table);
  else if ('places' in table) writeWindowTable(memory, plan, table);
  else writeBetaTable(memory, plan, table);
}

function writeWindowTable(memory: WebAssembly.Memory, { layout }: MemoryPlan, table: WindowTable): void {
  const { pieces } = layout.window;
  u32At(memory, layout.windowWeights, table.cells.length).set(table.cells);
  // places above every float32 stand for the pieces there are none of
  u32At(memory, layout.piecePlaces, pieces).fill(0xffff_ffff).set(table.places);
  u32At(memory, layout.pieceWeights, pieces).set(table.weights);
}

/** Puts weights by cell into the memory. */
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
  const { threads, thresholds, window } = layout;
  const arenas = Array.from({ length: threads }, (_, index) => arenaOf(layout, needs, index));
  const sum = (place: keyof Arena, length: number) => {
    const places = arenas.map((arena) => arena[place]);
    return sumOfCounters(memory, places, length);
  };
  const halvesOf = (table: Float64Array): [Float64Array, Float64Array] => {
    const half = table.length / 2;
    return [table.subarray(0, half), table.subarray(half)];
  };
  const cells = halvesOf(sum('totalCells', 2 * CELLS));
  const splits = halvesOf(sum('totalSplits', 2 * thresholds));
  const [ignored] = sum('totalIgnored', 1);
  const fine = window.counted > 0 && fineCellsOf(sum('totalFine', fineEntries(window.counted)), window.counted, scale);
  const losses = needs.losses === 1 && arenas.map((arena) => readLosses(memory, arena.totalLosses, thresholds));
  return {
    kind,
    scale,
    bins,
    cells,
    splits,
    ...(fine && { fine }),
    ...(losses && { softLosses: addSoftLosses(losses) }),
    ...lowBitsOf(memory, layout, needs),
    ignored: ignored + dropNaN(kind, cells, splits, partition),
  };
}

/** Of the workers that counted something. */
function lowBitsOf(memory: WebAssembly.Memory, layout: Layout, needs: BufferNeeds): Pick<CellCounts, 'lowBits'> {
  let seen = 0;
  for (let index = 0; index < layout.threads; index++) {
    seen |= u32At(memory, arenaOf(layout, needs, index).totalLowBits, 1)[0];
  }
  return seen === 0 || (seen & 0xffff) === 0xffff ? {} : { lowBits: seen & 0xffff };
}

/** Totals of fine cells, without what lies beyond them. */
function fineCellsOf(counts: Float64Array, bits: number, scale: Scale): FineCounts {
  const { cells, stride } = fineGrid(bits, scale);
  for (const sign of [0, 1]) counts[sign * stride + cells] = 0;
  return { bits, counts };
}

/** The words of workers/kernels/soft.ts: sums of low and high halves of the loss, and of target times loss. */
function readLosses(memory: WebAssembly.Memory, at: ByteOffset, count: number): SoftLosses {
  const words = countersAt(memory, at, softLossWords(count));
  const losses = noSoftLosses(count);
  for (let entry = 0; entry < NORM_CELLS + count; entry++) {
    setUnits(losses.ce, entry, words[4 * entry + 1], words[4 * entry]);
    setUnits(losses.targetCe, entry, words[4 * entry + 3], words[4 * entry + 2]);
  }
  const [low, high] = words.subarray(-2);
  return { ...losses, infinite: low + high * 2 ** 32 };
}
