import type { CellCounts } from './cells.ts';
import type { Partition } from './partition.ts';
import { piecesOf, rangeOfPiece } from './pieces.ts';
import { coordinateOf, regionEdges, type Scale } from './scale.ts';

/** Finds the unit region of a sample, exactly. */
export class Regions {
  readonly bins: number;
  /** [M - 1], ascending: smallest float32 at or above each inner edge. */
  private readonly edges: Float32Array;
  /** The region found last: neighbours are asked for one after the other. */
  private last = 0;

  constructor(bins: number, scale: Scale) {
    this.bins = bins;
    this.edges = regionEdges(scale, bins);
  }

  /** Region j of z, j / M <= g < (j + 1) / M, g = 1 in the last; z is a float32, not NaN. */
  of(z: number): number {
    const { edges, last } = this;
    if ((last === 0 || edges[last - 1] <= z) && (last === edges.length || edges[last] > z)) return last;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= z) low = middle + 1;
      else high = middle;
    }
    this.last = low;
    return low;
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
  const regions = new Regions(bins, counts.scale);
  const result = new Array<number>(bins).fill(0);
  let uncertain = 0;
  for (const piece of piecesOf(counts, partition)) {
    const { label, count } = piece;
    const range = rangeOfPiece(counts, piece);
    const first = coordinateOf(label, range[0]);
    const last = coordinateOf(label, range[1]);
    const begin = regions.of(first);
    const end = regions.of(last);
    if (begin === end) {
      result[begin] += count;
    } else {
      result[regions.of(Math.fround((first + last) / 2))] += count;
      uncertain += count;
    }
  }
  return { counts: result, uncertain };
}
