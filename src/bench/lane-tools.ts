import type { Kernels } from '../../workers/kernel-interface.ts';
import type { GenerateKernels } from '../../workers/twins/generate.ts';
import { scalarKernels } from '../../workers/twins/index.ts';
import { Barrier } from './barrier.ts';
import { type BulkMemory, bulkMemory } from './bulk-memory.ts';
import type { BenchSetup } from './protocol.ts';

/** The kernel that only reads. */
export interface StreamKernel {
  /** Sum of the words of so many bytes, a multiple of 64, modulo 2^32. */
  streamSum(from: number, bytes: number): number;
}

/** What both the WebAssembly kernels and the scalar twins can do. */
export type WorkKernels = Kernels & StreamKernel & BulkMemory;

/** One worker's own. */
export interface LaneTools extends BenchSetup {
  readonly bytes: Uint8Array;
  readonly meeting: Barrier;
  readonly kernels: WorkKernels & GenerateKernels;
  readonly twins: WorkKernels;
}

export function laneTools(setup: BenchSetup): LaneTools {
  const { memory, module, barrier } = setup;
  // the module is built from workers/kernels with exactly these exports; the tests of the kernels call each of them
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as WorkKernels &
    GenerateKernels;
  const bytes = new Uint8Array(memory.buffer);
  return {
    ...setup,
    bytes,
    meeting: new Barrier(barrier),
    kernels: { ...exports, ...bulkMemory(memory) },
    twins: { ...scalarKernels(memory.buffer), ...scalarStream(memory.buffer) },
  };
}

function scalarStream(buffer: ArrayBufferLike): StreamKernel & BulkMemory {
  const words = new Uint32Array(buffer);
  const bytes = new Uint8Array(buffer);
  return {
    streamSum(from, length) {
      let sum = 0;
      for (let i = from / 4; i < (from + length) / 4; i++) sum = (sum + words[i]) | 0;
      return sum;
    },
    copy(to, from, length) {
      bytes.copyWithin(to, from, from + length);
    },
    fill(to, value, length) {
      bytes.fill(value, to, to + length);
    },
  };
}
