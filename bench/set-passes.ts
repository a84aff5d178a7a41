import { LOGITS } from '../src/density/scale.ts';
import { slotsOf } from '../src/density/set-lines.ts';
import { generateStream, type StreamInMemory, streamBytes } from './data.ts';
import { type KernelMemory, kernelMemory, piecesOf } from './kernel-memory.ts';
import { countPass, weighPass } from './kernel-passes.ts';
import type { Contestant } from './measure.ts';

/** A chunk as a worker has it in cache, and the sets of its rows. */
export interface SetStream {
  readonly k: KernelMemory;
  readonly stream: StreamInMemory;
}

const SETS = 1000;

/** One chunk of `samples`, in rows of `width`. */
export function setStream(bins: number, samples: number, width: number): SetStream {
  const sets = { sets: SETS, scratchSets: SETS, slots: slotsOf(bins) };
  const k = kernelMemory('float32', bins, streamBytes(samples, width), undefined, LOGITS, sets);
  return { k, stream: generateStream(k, samples, width) };
}

/** How the sets of a bench lie: one set for so many rows, in order or not; or the columns. */
export type SetOrder =
  | { readonly kind: 'runs'; readonly rows: number }
  | { readonly kind: 'scattered' }
  | { readonly kind: 'columns' };

function fillRowSets({ k, stream }: SetStream, order: SetOrder): number {
  if (order.kind === 'columns') return 0;
  const sets = new Uint32Array(k.memory.buffer, k.arena.rowSets, stream.rows);
  let state = 1;
  for (let row = 0; row < sets.length; row++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    sets[row] = order.kind === 'runs' ? Math.floor(row / order.rows) % SETS : state % SETS;
  }
  return k.arena.rowSets;
}

/** Counting by cell alone, and by set too, `passes` times over the chunk. */
export function countContestants(
  made: SetStream,
  orders: Readonly<Record<string, SetOrder>>,
  passes: number,
): Contestant[] {
  const { k, stream } = made;
  const { kernels, arena, plan } = k;
  const { slots } = plan.layout.setSpace;
  const { logits, codes, classes, rows, width } = stream;
  const pieces = [plan.layout.setEntries, ...piecesOf(k)] as const;
  const bySet = (order: SetOrder) => () => {
    const rowSets = fillRowSets(made, order);
    for (let pass = 0; pass < passes; pass++) {
      const counters = arena.scratchSets;
      const given = width > 1 ? 0 : codes;
      countPass(k, stream);
      kernels.countSetsFloat32(logits, given, rows, width, rowSets, counters, slots, arena.setCopies, ...pieces);
      if (width > 1) kernels.moveRowSetsFloat32(logits, classes, rows, width, rowSets, counters, slots, ...pieces);
    }
    kernels.commitSets(arena.scratchSets, plan.layout.setTable, SETS * slots);
    return new Uint32Array(k.memory.buffer, plan.layout.setTable, 4)[2];
  };
  const plain = () => {
    let ignored = 0;
    for (let pass = 0; pass < passes; pass++) ignored = countPass(k, stream);
    return ignored;
  };
  return [
    { name: 'without sets', run: plain },
    ...Object.entries(orders).map(([name, order]) => ({ name, run: bySet(order) })),
  ];
}

/** Weighing by one table, and by the weights of sets. Rows of one sample. */
export function weighContestants(
  made: SetStream,
  orders: Readonly<Record<string, SetOrder>>,
  passes: number,
): Contestant[] {
  const { k, stream } = made;
  const { kernels, plan } = k;
  const { setTable, setEntries, setSpace } = plan.layout;
  const { logits, codes, rows, width, out } = stream;
  const pieces = [setEntries, ...piecesOf(k), out] as const;
  const bySet = (order: SetOrder) => () => {
    const rowSets = fillRowSets(made, order);
    for (let pass = 0; pass < passes; pass++) {
      kernels.weighSetsFloat32(logits, codes, rows, width, rowSets, setTable, setSpace.slots, ...pieces);
    }
    return new Uint32Array(k.memory.buffer, out, 1)[0];
  };
  return [
    { name: 'without sets', run: () => weighPass(k, stream, passes) },
    ...Object.entries(orders).map(([name, order]) => ({ name, run: bySet(order) })),
  ];
}
