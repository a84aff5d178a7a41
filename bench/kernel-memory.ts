import { readFileSync } from 'node:fs';
import type { BetaTable } from '../src/density/beta-table.ts';
import type { CellCounts, CellKind } from '../src/density/cells.ts';
import { type Partition, partitionOf } from '../src/density/partition.ts';
import { LOGITS, type Scale } from '../src/density/scale.ts';
import { setEntries } from '../src/density/set-entries.ts';
import { writeSetEntries } from '../src/engines/local/set-tables.ts';
import { readCounts, writeBetaTable, writePartition } from '../src/engines/local/shared-tables.ts';
import { type Arena, arenaOf, type BufferNeeds, NO_SETS, NO_WINDOW, type SetSpace } from '../src/memory/layout.ts';
import { createMemory } from '../src/memory/shared-memory.ts';
import { type MemoryPlan, planMemory } from '../src/plan/buffers.ts';
import type { Address, Kernels } from '../workers/kernel-interface.ts';
import type { GenerateKernels } from '../workers/twins/generate.ts';

/** Exports beside the kernels of the two passes. */
export interface StreamKernels {
  streamSum(from: Address, bytes: number): number;
}

/** The memory of a run with one thread, laid out by the product, and room for a whole stream behind it. */
export interface KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly plan: MemoryPlan;
  readonly partition: Partition;
  readonly kernels: Kernels & GenerateKernels & StreamKernels;
  readonly arena: Arena;
  /** Free from here on. */
  readonly data: Address;
}

const BUILT = new URL('../dist/workers/kernels.wasm', import.meta.url);
const BUDGET = 256 * 2 ** 20;
const PAGE = 65_536;

/** What a run on float32 or float16 logits needs, whatever its labels. */
const needsOf = (kind: CellKind): BufferNeeds => ({
  raw: 8,
  logits: kind === 'float16' ? 2 : 4,
  labels: 0,
  operand: 0,
  codes: 1,
  classes: 4,
  out: 4,
  losses: 0,
});

/**
 * @param wasm another build of the kernels than `npm run build` made, for trials
 * @param sets room for the counts of batches or groups
 */
export function kernelMemory(
  kind: CellKind,
  bins: number,
  dataBytes: number,
  wasm: string | URL = BUILT,
  scale: Scale = LOGITS,
  sets: SetSpace = NO_SETS,
): KernelMemory {
  const partition = partitionOf({ kind, scale, bins });
  const plan = planMemory(1, partition.thresholds.length, BUDGET, needsOf(kind), 1, NO_WINDOW, sets);
  const data = plan.layout.bytes;
  const bytes = data + PAGE * Math.ceil(dataBytes / PAGE);
  if (bytes > 2 ** 32) throw new RangeError(`${dataBytes} bytes of data: the memory of WebAssembly ends at 4 GiB`);
  const memory = createMemory({ ...plan.layout, bytes });
  writePartition(memory, plan, partition);
  if (sets.sets > 0) writeSetEntries(memory, plan.layout, setEntries(partition));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), { env: { memory } });
  return {
    memory,
    plan,
    partition,
    // the contract of the build; test/kernels calls each of them
    kernels: instance.exports as unknown as KernelMemory['kernels'],
    arena: arenaOf(plan.layout, plan.needs, 0),
    data,
  };
}

/** What was committed so far, and sets it back to nothing. */
export function takeCounts({ memory, plan, partition, arena }: KernelMemory): CellCounts {
  const counts = readCounts(memory, plan, partition);
  new Uint8Array(memory.buffer, arena.totalCells, arena.groups - arena.totalCells).fill(0);
  return counts;
}

export const setWeights = ({ memory, plan }: KernelMemory, table: BetaTable): void =>
  writeBetaTable(memory, plan, table);

/** The arguments that most kernels share. */
export const piecesOf = ({ plan: { layout } }: KernelMemory) =>
  [layout.first, layout.thresholdBits, layout.thresholds] as const;
