import { interrupted } from '../src/errors.ts';
import { type Arena, arenaOf, Control } from '../src/memory/layout.ts';
import type { Segment } from '../src/plan/shards.ts';
import { type Chunk, loadChunk } from './chunk.ts';
import { withInput } from './file-io.ts';
import type { Kernels } from './kernel-interface.ts';
import type { WorkerSetup } from './protocol.ts';

/** One worker's own: its arena, its kernels, and the words it shares. */
export interface WorkerState extends WorkerSetup {
  readonly arena: Arena;
  readonly control: Control;
  readonly kernels: Kernels;
  readonly bytes: Uint8Array;
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
  };
}

/** Reads a segment chunk by chunk. Stops with `interrupted` when the run is cancelled. */
export function eachChunk(state: WorkerState, segment: Segment, visit: (chunk: Chunk, firstRow: number) => void): void {
  const part = state.parts[segment.part];
  const rowsPerChunk = Math.max(1, Math.floor(state.layout.chunkSamples / part.classes));
  const end = segment.firstRow + segment.rows;
  const read = (labelWeights: number | null, labels: number, logits: number) => {
    for (let row = segment.firstRow; row < end; row += rowsPerChunk) {
      if (state.control.cancelled) throw interrupted();
      const chunk = loadChunk(state, { part, logits, labels, labelWeights }, row, Math.min(rowsPerChunk, end - row));
      visit(chunk, row);
      state.control.addDone(chunk.samples);
    }
  };
  withInput(part.logits, (logits) =>
    withInput(part.labels, (labels) =>
      part.labelWeights
        ? withInput(part.labelWeights, (labelWeights) => read(labelWeights, labels, logits))
        : read(null, labels, logits),
    ),
  );
}
