import type { SegmentChecksum } from '../../workers/protocol.ts';
import type { BetaTable } from '../density/beta-table.ts';
import type { CellCounts } from '../density/cells.ts';

/** Told now and then how many samples of the pass are done. */
export type DoneListener = (samplesDone: number) => void;

/**
 * Where the two passes over a stream run. Results do not depend on it: counts are sums of integers, and weights are written to the
 * place of their row.
 */
export interface Engine {
  /** Pass 1. NaN, where it is ignored, is among the samples left out. */
  count(onDone: DoneListener): Promise<CellCounts>;
  /** Pass 2, into the outputs the engine was started with. Returns checksums in stream order. */
  weigh(table: BetaTable, onDone: DoneListener): Promise<SegmentChecksum[]>;
}
