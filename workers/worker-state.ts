import { keepFooters } from '../src/duckdb/database.ts';
import { Control } from '../src/memory/control.ts';
import { type Arena, arenaOf } from '../src/memory/layout.ts';
import { firstSegments, ShardBoard } from '../src/memory/shard-board.ts';
import type { List } from '../src/shared-list/list.ts';
import { SharedList } from '../src/shared-list/shared-list.ts';
import type { Part, ReadableArray } from '../src/sources/source.ts';
import type { ChunkPasses } from './chunk-passes.ts';
import type { Kernels } from './kernel-interface.ts';
import type { OutputFile, WorkerSetup } from './protocol.ts';
import { type Places, placesOf } from './row-sets.ts';

/** What a worker thread has whatever pass it takes part in. */
export interface WorkerBase extends Omit<WorkerSetup, 'parts' | 'outputs'> {
  readonly parts: List<Part<ReadableArray>>;
  readonly outputs: List<OutputFile>;
  readonly control: Control;
  readonly shardBoard: ShardBoard;
  /** Number of each shard's first segment. */
  readonly firstSegments: Uint32Array;
  readonly kernels: Kernels;
  readonly passes: ChunkPasses;
  readonly bytes: Uint8Array;
  /** Set of a value of the column, where rows are looked up. */
  readonly setOfValue: Places;
}

/** One worker's own in a pass: the slot where it stands, and that slot's arena. */
export interface WorkerState extends WorkerBase {
  readonly slot: number;
  readonly arena: Arena;
}

/** Instantiates the kernels on the shared memory, in a thread that ends with the run. */
export function startWorker(setup: WorkerSetup, passes: ChunkPasses): WorkerBase {
  keepFooters();
  // synchronous: a top-level await would make the worker file impossible to require, which Piscina tries first
  const instance = new WebAssembly.Instance(setup.module, { env: { memory: setup.memory } });
  const first = firstSegments(setup.shards);
  return {
    ...setup,
    parts: new SharedList(setup.parts),
    outputs: new SharedList(setup.outputs),
    passes,
    control: new Control(setup.memory),
    shardBoard: new ShardBoard(setup.board, setup.shards.length, first[setup.shards.length], setup.layout.threads),
    firstSegments: first,
    // the module is built from kernels/ with exactly these exports; a test calls each of them
    kernels: instance.exports as unknown as Kernels,
    bytes: new Uint8Array(setup.memory.buffer),
    setOfValue:
      setup.sets?.rowSets.kind === 'lookup' ? placesOf(setup.sets.rowSets.values) : placesOf(Float64Array.of(0)),
  };
}

/** The worker in a slot. */
export const inSlot = (base: WorkerBase, slot: number): WorkerState => ({
  ...base,
  slot,
  arena: arenaOf(base.layout, base.needs, slot),
});
