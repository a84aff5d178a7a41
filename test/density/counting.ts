import type { CellCounts, CellKind } from '../../src/density/cells.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { LOGITS, type Scale, scaleName } from '../../src/density/scale.ts';
import { readCounts, writePartition } from '../../src/engines/local/shared-tables.ts';
import { arenaOf, layoutOf } from '../../src/memory/layout.ts';
import { createMemory } from '../../src/memory/shared-memory.ts';
import type { Kernels } from '../../workers/kernel-interface.ts';
import { wasmKernels } from '../kernels/implementations.ts';

const NEEDS = { raw: 0, logits: 4, labels: 0, operand: 0, codes: 1, classes: 0, out: 0, losses: 0 };
const CHUNK = 1 << 16;

interface Counter {
  readonly count: (samples: Uint32Array | Uint16Array, codes: Uint8Array) => CellCounts;
}

const counters = new Map<string, Counter>();

/** Counts logits, given as bits, with the WebAssembly kernels in the memory of a run, as a worker does. */
export function countBits(
  bins: number,
  samples: Uint32Array | Uint16Array,
  codes: Uint8Array,
  scale: Scale = LOGITS,
): CellCounts {
  const kind = samples instanceof Uint16Array ? 'float16' : 'float32';
  const key = `${kind} ${bins} ${scaleName(scale)}`;
  const counter = counters.get(key) ?? counterOf(kind, bins, scale);
  counters.set(key, counter);
  return counter.count(samples, codes);
}

/** Float32 logits and codes. */
export function countFloats(bins: number, logits: Float32Array, codes: Uint8Array): CellCounts {
  return countBits(bins, new Uint32Array(logits.buffer, logits.byteOffset, logits.length), codes);
}

function counterOf(kind: CellKind, bins: number, scale: Scale): Counter {
  const partition = partitionOf({ kind, scale, bins });
  const layout = layoutOf(1, partition.thresholds.length, CHUNK, NEEDS);
  const memory = createMemory(layout);
  const plan = { layout, needs: NEEDS };
  const arena = arenaOf(layout, NEEDS, 0);
  writePartition(memory, plan, partition);
  const kernels: Kernels = wasmKernels(memory);
  const bytes = new Uint8Array(memory.buffer);
  const ignored = new BigUint64Array(memory.buffer, arena.totalIgnored, 1);
  const { scratchCells: cells, scratchSplits: splits } = arena;
  return {
    count(samples, codes) {
      bytes.fill(0, arena.totalCells, arena.totalIgnored + 8);
      for (let from = 0; from < samples.length; from += CHUNK) {
        const chunk = samples.subarray(from, from + CHUNK);
        bytes.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), arena.logits);
        bytes.set(codes.subarray(from, from + CHUNK), arena.codes);
        if (kind === 'float16') kernels.countFloat16(arena.logits, arena.codes, chunk.length, cells);
        else {
          const { first, thresholdBits, thresholds } = layout;
          kernels.countFloat32(
            arena.logits,
            arena.codes,
            chunk.length,
            cells,
            splits,
            first,
            thresholdBits,
            thresholds,
            arena.groups,
          );
        }
        ignored[0] += kernels.commitCells(cells, arena.totalCells);
        kernels.commitSplits(splits, arena.totalSplits, 2 * layout.thresholds);
      }
      return readCounts(memory, plan, partition);
    },
  };
}
