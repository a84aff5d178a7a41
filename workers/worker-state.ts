import { Control } from '../src/memory/control.ts';
import { type Arena, arenaOf } from '../src/memory/layout.ts';
import type { Kernels } from './kernel-interface.ts';
import type { WorkerSetup } from './protocol.ts';
import { type Places, placesOf } from './row-sets.ts';

/** One worker's own: its arena, its kernels, and the words it shares. */
export interface WorkerState extends WorkerSetup {
  readonly arena: Arena;
  readonly control: Control;
  readonly kernels: Kernels;
  readonly bytes: Uint8Array;
  /** Set of a value of the column, where rows are looked up. */
  readonly setOfValue: Places;
}

/** Instantiates the kernels on the shared memory and claims an arena. */
export function startWorker(setup: WorkerSetup): WorkerState {
  // synchronous: a top-level await would make the worker file impossible to require, which Piscina tries first
  const instance = new WebAssembly.Instance(setup.module, { env: { memory: setup.memory } });
  const control = new Control(setup.memory, setup.layout);
  return {
    ...setup,
    control,
    arena: arenaOf(setup.layout, setup.needs, control.claimArena()),
    // the module is built from kernels/ with exactly these exports; a test calls each of them
    kernels: instance.exports as unknown as Kernels,
    bytes: new Uint8Array(setup.memory.buffer),
    setOfValue:
      setup.sets?.rowSets.kind === 'lookup' ? placesOf(setup.sets.rowSets.values) : placesOf(Float64Array.of(0)),
  };
}
