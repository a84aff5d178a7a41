import type { SegmentChecksum } from '../../workers/protocol.ts';
import type { BetaTable } from '../density/beta-table.ts';
import type { CellCounts } from '../density/cells.ts';
import type { Shard } from '../plan/shards.ts';

/** Told now and then how many samples of the pass are done. */
export type DoneListener = (samplesDone: number) => void;

/**
 * Where the two passes run. Results do not depend on it: counts are sums of integers, and weights are written to the
 * place of their row.
 */
export interface Engine {
  /** Pass 1 over all shards. NaN, where it is ignored, is among the samples left out. */
  count(shards: readonly Shard[], onDone: DoneListener): Promise<CellCounts>;
  /** Pass 2 over all shards, into the outputs the engine was started with. Returns checksums in shard order. */
  weigh(table: BetaTable, shards: readonly Shard[], onDone: DoneListener): Promise<SegmentChecksum[]>;
  close(): Promise<void>;
}
