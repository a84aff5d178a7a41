import { FINE_BITS } from './fine-cells.ts';
import { certainlyBelow, countBelow, type MarginCounts, possiblyBelow, zAt } from './margin-counts.ts';
import { FIRST_PLACE, LAST_PLACE, type Place } from './ordered-bits.ts';
import { lengths, type Window, windowAt } from './window-ends.ts';

/** beta of the windowed density as a function of z: constant from each place to the next. */
export interface WindowPieces {
  /** Ascending; the first is -Infinity, the last piece ends with Infinity. */
  readonly from: readonly Place[];
  /** N / GD; 0 where no sample is within reach. */
  readonly beta: readonly number[];
  /** |N / (GD beta) - 1| of every sample in the piece is at most this; 0 where there are none. */
  readonly bound: readonly number[];
}

/** What may be between beta and the truth in a piece, beside the doubt of the counts. */
interface Tolerance {
  /** Largest in any piece. */
  readonly largest: number;
  /** Largest of share of the samples times error: it is the crowded pieces that are cut finely. */
  readonly share: number;
}

/** At `FINE_BITS`; each further bit of the counts halves the error, with more pieces. */
const TOLERANCE: Tolerance = { largest: 0.0075, share: 2.5e-8 };

/** Mean error over the samples that is aimed at, in the same way: what is not the doubt of the counts can be had. */
const MEAN = 2e-4;

/** More pieces than fit the tables of pass 2 are never made: the tolerance grows instead. */
export const MOST_PIECES = 131_072;

/**
 * Cuts the line of z where beta changes, finer where more samples are, down to single float32 where the lower end of the
 * window sweeps a crowd. Pure: same counts, same pieces.
 *
 * @param bits of the fine cells that were counted, as a measure of the error that is wanted; `undefined` where there are
 *   none, and the doubt of the counts is most of it
 */
export function windowPieces(counts: MarginCounts, epsilon: number, bits: number | undefined): WindowPieces {
  const ratio = 2 ** (FINE_BITS - (bits ?? FINE_BITS));
  const tolerance = { largest: TOLERANCE.largest * ratio, share: TOLERANCE.share * ratio ** 2 };
  const pieces = atMost(counts, epsilon, tolerance);
  const { mean } = boundsOf(counts, pieces);
  const wanted = MEAN * ratio;
  if (mean <= wanted || bits === undefined) return pieces;
  // where many pieces hold a share of the samples: the mean goes with the root of the share allowed to each
  return atMost(counts, epsilon, { ...tolerance, share: tolerance.share * ((0.8 * wanted) / mean) ** 2 });
}

function atMost(counts: MarginCounts, epsilon: number, tolerance: Tolerance): WindowPieces {
  for (let loosen = 1; ; loosen *= 2) {
    const { largest, share } = tolerance;
    const pieces = new Cutter(counts, epsilon, { largest: largest * loosen, share: share * loosen ** 2 }).cut();
    if (pieces !== undefined) return pieces;
  }
}

/** Largest and mean error bound over the samples; those of a range that pieces share have the largest of theirs. */
export function boundsOf(
  margins: MarginCounts,
  { from, bound }: WindowPieces,
): { readonly max: number; readonly mean: number } {
  let max = 0;
  let sum = 0;
  for (let i = 0, piece = 0; i < margins.first.length; i++) {
    while (piece + 1 < from.length && from[piece + 1] <= margins.first[i]) piece++;
    let largest = bound[piece];
    while (piece + 1 < from.length && from[piece + 1] <= margins.last[i]) largest = Math.max(largest, bound[++piece]);
    max = Math.max(max, largest);
    sum += largest * (margins.before[i + 1] - margins.before[i]);
  }
  return { max, mean: sum / margins.total };
}

/** Range of beta over a range of places. */
interface BetaRange {
  readonly least: number;
  readonly greatest: number;
}

const NO_SAMPLES: BetaRange = { least: Number.POSITIVE_INFINITY, greatest: Number.POSITIVE_INFINITY };

/** Bound of the middle of a range of beta: how far the truth may be from it, relative to it. */
function boundOf({ least, greatest }: BetaRange): number {
  if (least === greatest) return 0;
  return greatest === Number.POSITIVE_INFINITY ? 1 : (greatest - least) / (greatest + least);
}

/** The first or the last place of a range, and the window around it. */
interface Edge {
  readonly place: Place;
  readonly window: Window;
}

/** Range and bound of a piece that need not be cut. */
interface Settled {
  readonly range: BetaRange;
  readonly bound: number;
}

/** Float32 of 20 bits in common, and those that are nearest to one float16: empty ranges are not cut further. */
const SMALLEST_EMPTY = 2 ** 12;
const SMALLEST_ALONE = 2 ** 13;

class Cutter {
  private readonly counts: MarginCounts;
  private readonly epsilon: number;
  private readonly tolerance: Tolerance;
  private readonly pieces = { from: [] as Place[], beta: [] as number[], bound: [] as number[] };

  constructor(counts: MarginCounts, epsilon: number, tolerance: Tolerance) {
    this.counts = counts;
    this.epsilon = epsilon;
    this.tolerance = tolerance;
  }

  /** `undefined` where there are too many pieces. */
  cut(): WindowPieces | undefined {
    const ends = [FIRST_PLACE, LAST_PLACE].map((place) => this.edge(place));
    this.visit(0, 2 ** 32, ends[0], ends[1]);
    return this.pieces.from.length > MOST_PIECES ? undefined : this.pieces;
  }

  /** A block of 2^n places at a multiple of 2^n: float32 of equal leading bits, from the first to the last. */
  private visit(start: Place, size: number, first: Edge, last: Edge): void {
    if (this.pieces.from.length > MOST_PIECES) return;
    const piece = this.settled(first, last);
    if (piece !== undefined) {
      this.add(first.place, piece);
      return;
    }
    // NaN is beyond both ends
    const half = size / 2;
    const middle = start + half;
    if (first.place < middle) this.visit(start, half, first, last.place < middle ? last : this.edge(middle - 1));
    if (last.place >= middle) this.visit(middle, half, first.place < middle ? this.edge(middle) : first, last);
  }

  private edge(place: Place): Edge {
    return { place, window: windowAt(this.counts.scale, zAt(place), this.epsilon) };
  }

  private add(first: Place, { range: { least, greatest }, bound }: Settled): void {
    const { from, beta, bound: bounds } = this.pieces;
    const infinite = least === Number.POSITIVE_INFINITY;
    const value = infinite ? 0 : greatest === Number.POSITIVE_INFINITY ? least : (least + greatest) / 2;
    if (from.length > 0 && beta.at(-1) === value && bounds.at(-1) === bound) return;
    from.push(first);
    beta.push(value);
    bounds.push(bound);
  }

  /** The piece of a range of places, or `undefined` where it has to be cut. */
  private settled(first: Edge, last: Edge): Settled | undefined {
    const { counts, tolerance } = this;
    const whole = this.betaRange(first, last, false);
    const size = last.place - first.place + 1;
    const a = countBelow(counts.last, first.place);
    const b = countBelow(counts.first, last.place + 1) - 1;
    if (a > b) {
      const small = size <= SMALLEST_EMPTY || whole === NO_SAMPLES;
      return small || boundOf(whole) <= tolerance.largest ? { range: whole, bound: 0 } : undefined;
    }
    if (boundOf(whole) > tolerance.largest && size > SMALLEST_ALONE) return undefined;

    // samples are only where they were counted
    const from = Math.max(first.place, counts.first[a]);
    const to = Math.min(last.place, counts.last[b]);
    const low = from === first.place ? first : this.edge(from);
    const high = to === last.place ? last : to === from ? low : this.edge(to);
    const isSame = low === first && high === last && whole.greatest < Number.POSITIVE_INFINITY;
    const range = isSame ? whole : this.betaRange(low, high, true);
    const bound = boundOf(range);
    if (from === to) return { range, bound };
    const samples = counts.before[b + 1] - counts.before[a];
    const allowed = counts.exact ? 0 : Math.min(tolerance.largest, (tolerance.share * counts.total) / samples);
    if (bound <= allowed) return { range, bound };
    if (a !== b) return undefined;
    // within what was counted as one, the doubt of the counts is all that is left of the error
    const middle = this.edge(Math.floor((from + to) / 2));
    const doubt = boundOf(this.betaRange(middle, middle, true));
    return bound - doubt <= Math.max(allowed, doubt / 4) ? { range, bound } : undefined;
  }

  /** `occupied`: there is a sample wherever beta is asked for, so that it counts itself. */
  private betaRange({ window: low }: Edge, { window: high }: Edge, occupied: boolean): BetaRange {
    const { counts, epsilon } = this;
    const most = possiblyBelow(counts, high.upper.to) - certainlyBelow(counts, low.lower.from);
    if (most === 0) return NO_SAMPLES;
    const fewest = certainlyBelow(counts, low.upper.from) - possiblyBelow(counts, high.lower.to);
    const [shortest, longest] = lengths(low, high, epsilon);
    return {
      least: (counts.total * shortest) / most,
      greatest: (counts.total * longest) / Math.max(fewest, occupied ? 1 : 0),
    };
  }
}
