import type { SegmentChecksum } from '../../workers/protocol.ts';
import type { BetaTable } from '../density/beta-table.ts';
import type { CellCounts } from '../density/cells.ts';
import type { WindowTable } from '../density/window-table.ts';

/** Told now and then how many samples of the pass are done. */
export type DoneListener = (samplesDone: number) => void;

/** What pass 2 looks up: weights by cell, or by the top bits of z in a run whose memory was laid out for it. */
export type WeightTable = BetaTable | WindowTable;

/**
 * Where the two passes over a stream run. Results do not depend on it: counts are sums of integers, and weights are written to the
 * place of their row.
 */
export interface Engine {
  /** Pass 1. NaN, where it is ignored, is among the samples left out. */
  count(onDone: DoneListener): Promise<CellCounts>;
  /** Pass 2, into the outputs the engine was started with. Returns checksums in stream order. */
  weigh(table: WeightTable, onDone: DoneListener): Promise<SegmentChecksum[]>;
}
