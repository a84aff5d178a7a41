import { betaTable } from '../density/beta-table.ts';
import { bitsOfFloat32 } from '../density/cell-values.ts';
import { CELLS, type CellCounts } from '../density/cells.ts';
import { type Partition, partitionOf } from '../density/partition.ts';
import { LOGITS } from '../density/scale.ts';
import { unitRegionDensity } from '../density/unit-regions.ts';
import { readCounts, writeBetaTable } from '../engines/local/shared-tables.ts';
import { arenaOf } from '../memory/layout.ts';
import { u32At } from '../memory/shared-memory.ts';
import { combineCrc32 } from '../sinks/crc32.ts';
import type { Crew } from './crew.ts';
import type { DataForm, MemoryWork } from './data-sets.ts';
import type { LaneResult, WorkTask } from './protocol.ts';

/** What one pass over the data leaves behind. */
export interface Outcome {
  /** Modulo 2^32. */
  readonly sum: number;
  readonly crc32: number;
  /** What was counted; `null` for other works. */
  readonly counts: CellCounts | null;
}

/** What each work has to leave behind, as the scalar twins say. */
export type Expected = ReadonlyMap<MemoryWork, Outcome>;

type WorkPlace = Pick<WorkTask, 'data' | 'place' | 'work' | 'passes' | 'by'>;

/** The partition of a data set's counts. */
export const partitionFor = ({ kind }: DataForm, bins: number): Partition => partitionOf({ kind, scale: LOGITS, bins });

/** Runs a work on `lanes` threads and gathers what it left, with the answers of the lanes. */
export async function runWork(
  crew: Crew,
  partition: Partition,
  lanes: number,
  work: WorkPlace,
): Promise<{ readonly lanes: readonly LaneResult[]; readonly outcome: Outcome }> {
  if (work.work === 'count') clearTotals(crew);
  const answers = await crew.run(lanes, (lane) => ({ task: 'work', ...work, lane, lanes }));
  const sum = answers.reduce((total, lane) => (total + lane.sum) >>> 0, 0);
  const crc32 =
    work.place === 'memory'
      ? answers.reduce((crc, lane) => combineCrc32(crc, lane.crc32, lane.bytes), 0)
      : answers.map((lane) => lane.crc32).reduce(sameOr);
  const counts = work.work === 'count' ? readCounts(crew.memory, crew.layout.plan, partition) : null;
  return { lanes: answers, outcome: { sum, crc32, counts } };
}

/** In memory the lanes' weights follow each other; of chunks, which are equal, none may differ: no CRC-32 is -1. */
const sameOr = (a: number, b: number): number => (a === b ? a : -1);

function clearTotals({ memory, layout }: Crew): void {
  const { layout: l, needs } = layout.plan;
  for (let lane = 0; lane < l.threads; lane++) {
    const arena = arenaOf(l, needs, lane);
    u32At(memory, arena.totalCells, 4 * CELLS).fill(0);
    u32At(memory, arena.totalSplits, 4 * l.thresholds).fill(0);
    u32At(memory, arena.totalIgnored, 2).fill(0);
  }
}

/**
 * Asks the scalar twins, once, what comes out of every work. Puts the weights that follow from the counts of the whole
 * stream into the memory: call it for `memory` first.
 */
export async function expect(crew: Crew, form: DataForm, place: 'memory' | 'cache', bins: number): Promise<Expected> {
  const partition = partitionFor(form, bins);
  const lanes = place === 'memory' ? crew.threads : 1;
  const expected = new Map<MemoryWork, Outcome>();
  for (const work of form.works) {
    const { outcome } = await runWork(crew, partition, lanes, { data: form.data, place, work, passes: 1, by: 'twins' });
    expected.set(work, outcome);
    if (place === 'memory' && outcome.counts !== null && form.works.includes('weigh')) {
      const { beta } = unitRegionDensity(outcome.counts, { bins, normalize: 'valid-bins', maxWeight: undefined });
      writeBetaTable(crew.memory, crew.layout.plan, betaTable(partition, beta, bitsOfFloat32));
    }
  }
  return expected;
}

/** How often one pass of the twins is in what was found: the sum of words, and the counts. */
export interface Repeats {
  readonly sums: number;
  readonly counts: number;
}

/**
 * Compares what a run left with what one pass of the twins left.
 *
 * @throws Error (a defect) where anything differs
 */
export function check(name: string, found: Outcome, expected: Outcome | undefined, repeats: Repeats): void {
  if (expected === undefined) throw new Error(`${name}: nothing to compare with`);
  const wrong = [
    found.sum === Math.imul(expected.sum, repeats.sums) >>> 0 ? '' : 'the sum of its words',
    found.crc32 === expected.crc32 ? '' : 'its weights',
    sameCounts(found.counts, expected.counts, repeats.counts) ? '' : 'its counts',
  ].filter((what) => what !== '');
  if (wrong.length > 0) throw new Error(`${name}: ${wrong.join(' and ')} differ from those of the scalar kernels`);
}

function sameCounts(found: CellCounts | null, one: CellCounts | null, times: number): boolean {
  if (found === null || one === null) return found === one;
  const same = (a: Float64Array, b: Float64Array): boolean => a.every((count, i) => count === times * b[i]);
  return (
    found.ignored === times * one.ignored &&
    [0, 1].every((code) => same(found.cells[code], one.cells[code]) && same(found.splits[code], one.splits[code]))
  );
}
