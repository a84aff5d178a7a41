import type { FoundSamples, GroupLoss } from '../../workers/protocol.ts';
import type { Breathe } from '../breath.ts';
import { type Place, valueOfPlace } from '../density/ordered-bits.ts';
import { inputError } from '../errors.ts';

/** One of the hardest samples. */
export interface FoundSample {
  readonly group: number;
  readonly z: number;
  readonly part: number;
  /** Its number within the part: row * C + class. */
  readonly sample: number;
}

/** Samples found, and groups ranked, at most; each is in memory. */
const MOST = 1_000_000;

/** Some milliseconds of work. */
export const BREATH_SAMPLES = 4096;

/**
 * What all workers found: groups in ascending order, in each the `top` of greatest z, equal ones in the order of the stream.
 *
 * @throws inputError for more than are kept
 */
export async function mergeFound(
  lists: readonly FoundSamples[],
  top: number,
  breathe: Breathe,
): Promise<FoundSample[]> {
  const byGroup = new Map<number, (FoundSample & { readonly place: Place })[]>();
  for (const { group, place, part, sample } of lists) {
    for (let i = 0; i < group.length; i++) {
      if (i % BREATH_SAMPLES === 0) await breathe();
      const own = byGroup.get(group[i]) ?? [];
      byGroup.set(group[i], own);
      own.push({ group: group[i], place: place[i], z: valueOfPlace(place[i]), part: part[i], sample: sample[i] });
    }
  }
  const groups = [...byGroup].sort(([a], [b]) => a - b);
  const kept: FoundSample[] = [];
  for (const [, samples] of groups) {
    await breathe();
    samples.sort((a, b) => b.place - a.place || a.part - b.part || a.sample - b.sample);
    for (const sample of samples.slice(0, top)) kept.push(sample);
  }
  if (kept.length > MOST) {
    throw inputError(
      `more than ${MOST} outliers: expected no more, over all groups together; give a smaller --top, or a --min-g`,
    );
  }
  return kept;
}

/** A group of samples and what it adds to the harmonized loss. */
export interface RankedGroup {
  readonly group: number;
  readonly samples: number;
  /** z of its hardest sample. */
  readonly hardest: number;
  /** Sum of beta times loss. Infinite where one of them is. */
  readonly loss: number;
}

/** Groups of all workers, those of greatest loss first, equal ones by number; and the loss of all groups together. */
export function mergeLosses(lists: readonly GroupLoss[]): { readonly groups: RankedGroup[]; readonly loss: number } {
  const sums = new Map<number, GroupLoss>();
  for (const loss of lists) {
    const sum = sums.get(loss.group);
    sums.set(loss.group, {
      group: loss.group,
      samples: loss.samples + (sum?.samples ?? 0),
      hardest: Math.max(loss.hardest, sum?.hardest ?? 0),
      units: loss.units + (sum?.units ?? 0n),
      infinite: loss.infinite + (sum?.infinite ?? 0),
    });
  }
  if (sums.size > MOST) {
    throw inputError(`more than ${MOST} groups to rank: expected no more; rank by a coarser column`);
  }
  const lossIn = (units: bigint, infinite: number): number =>
    infinite > 0 ? Number.POSITIVE_INFINITY : Number(units) / 2 ** 40;
  const groups = [...sums.values()].map(({ group, samples, hardest, units, infinite }) => ({
    group,
    samples,
    hardest: valueOfPlace(hardest),
    loss: lossIn(units, infinite),
  }));
  const all = [...sums.values()];
  const loss = lossIn(
    all.reduce((sum, { units }) => sum + units, 0n),
    all.reduce((sum, { infinite }) => sum + infinite, 0),
  );
  return { groups: groups.sort((a, b) => compare(b.loss, a.loss) || a.group - b.group), loss };
}

/** Infinities are equal to each other. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
