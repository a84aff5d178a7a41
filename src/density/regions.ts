import { valueRange } from './cell-values.ts';
import { type CellCounts, POSITIVE } from './cells.ts';
import { edgeAtOrAbove, type Partition } from './partition.ts';
import { piecesOf } from './pieces.ts';

/** Finds the unit region of a sample, exactly. */
export class Regions {
  readonly bins: number;
  /** Smallest float32 at or above each edge right of the middle, ascending. */
  private readonly upperEdges: Float32Array;

  constructor(bins: number) {
    this.bins = bins;
    const half = Math.floor(bins / 2);
    this.upperEdges = Float32Array.from({ length: bins - 1 - half }, (_, i) => edgeAtOrAbove(half + 1 + i, bins));
  }

  /**
   * Region j of z, j / M <= sigmoid(z) < (j + 1) / M, +infinity in the last; z is a float32. Below 0 the edges mirror
   * those above, and no float32 lies on one.
   */
  of(z: number): number {
    const magnitude = Math.abs(z);
    let low = 0;
    let high = this.upperEdges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.upperEdges[middle] <= magnitude) low = middle + 1;
      else high = middle;
    }
    return z >= 0 ? Math.floor(this.bins / 2) + low : this.upperEdges.length - low;
  }
}

/** Counts of the regions of some M. */
export interface RegionCounts {
  readonly counts: number[];
  /** At most this many samples may stand in a region beside their own: 0 where no edge of M cuts a counted piece. */
  readonly uncertain: number;
}

/**
 * Region counts for any M from counts made for another. `partition` is that of the counts. A piece which the edges of M
 * cut goes to the region of its middle.
 */
export function regionCounts(counts: CellCounts, partition: Partition, bins: number): RegionCounts {
  const regions = new Regions(bins);
  const result = new Array<number>(bins).fill(0);
  let uncertain = 0;
  for (const { label, firstBits, lastBits, count } of piecesOf(counts, partition)) {
    const sign = label === POSITIVE ? -1 : 1;
    const [first, last] = valueRange(counts.kind, firstBits, lastBits);
    const begin = regions.of(sign * first);
    const end = regions.of(sign * last);
    if (begin === end) {
      result[begin] += count;
    } else {
      result[regions.of(Math.fround((sign * (first + last)) / 2))] += count;
      uncertain += count;
    }
  }
  return { counts: result, uncertain };
}
