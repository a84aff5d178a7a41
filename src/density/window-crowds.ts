import type { MarginCounts } from './margin-counts.ts';
import type { Place } from './ordered-bits.ts';

/** Told of the samples of one counted range in one piece: a share of those of the range, as if they lay evenly in it. */
export type CrowdVisitor = (piece: number, samples: number, first: Place, last: Place, range: number) => void;

export function eachCrowd(margins: MarginCounts, from: ArrayLike<Place>, visit: CrowdVisitor): void {
  let piece = 0;
  for (let i = 0; i < margins.first.length; i++) {
    const end = margins.last[i];
    const size = end - margins.first[i] + 1;
    const samples = margins.before[i + 1] - margins.before[i];
    for (let first = margins.first[i]; first <= end; ) {
      while (piece + 1 < from.length && from[piece + 1] <= first) piece++;
      const last = piece + 1 < from.length ? Math.min(end, from[piece + 1] - 1) : end;
      visit(piece, samples * ((last - first + 1) / size), first, last, i);
      first = last + 1;
    }
  }
}
