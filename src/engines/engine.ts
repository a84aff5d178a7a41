import type { FindTask, FoundSamples, Grouping, GroupLoss, SegmentChecksum } from '../../workers/protocol.ts';
import type { BetaTable, RegionTable } from '../density/beta-table.ts';
import type { CellCounts } from '../density/cells.ts';
import type { SetCounts } from '../density/set-counts.ts';
import type { WindowTable } from '../density/window-table.ts';
import type { EngineName } from '../options/engines.ts';
import type { BackendFacts } from '../tfjs/backend-facts.ts';

/** Told now and then how many samples of the pass are done. */
export type DoneListener = (samplesDone: number) => void;

/**
 * What pass 2 looks up: weights by cell, or by the top bits of z in a run whose memory was laid out for it;
 * or the weights of the regions of each set.
 */
export type WeightTable = RegionTable | BetaTable | WindowTable | SetWeights;

export interface SetWeights {
  /** [sets][M] */
  readonly setBeta: readonly (readonly number[])[];
  /** Bits of a weight in the output's dtype. */
  readonly bitsOf: (weight: number) => number;
}

/** What pass 1 has counted up to a moment. */
export interface CountedShards {
  /** [shards] 1 for each that is counted, by this run or by an earlier one. */
  readonly done: Uint8Array;
  /** [segments][3] of those: sums of the bytes read. */
  readonly inputSums: Uint32Array;
  /** Of this run's shards alone. */
  readonly counts: CellCounts;
  readonly sets: SetCounts | null;
}

/** What pass 2 has written up to a moment. */
export interface WeighedShards {
  readonly done: Uint8Array;
  /** [segments] CRC-32 of the weights of those. */
  readonly checksums: Uint32Array;
}

/** What keeps a pass's state for a run that goes on with it, and what such a run need not do again. */
export interface Keeper<State> {
  /** Of an earlier run. */
  readonly kept: Pick<State, Exclude<keyof State, 'counts' | 'sets'>> | null;
  /** Keeps the state. Called from time to time, and at the end, also of a pass that fails; never twice at once. */
  keep(state: State): Promise<void>;
}

/** What counted and weighed. */
export interface EngineFacts {
  readonly name: EngineName;
  /** Of the engines of tensors: what computed them, and why that. */
  readonly backend?: BackendFacts;
}

/**
 * Where the two passes over a stream run. Results do not depend on it: counts are sums of integers, and weights are written to the
 * place of their row.
 */
export interface Engine {
  readonly facts: EngineFacts;
  /** Pass 1. NaN, where it is ignored, is among the samples left out. */
  count(onDone: DoneListener, keeper?: Keeper<CountedShards>): Promise<CellCounts>;
  /** What pass 1 counted by set, where the engine was started with sets. */
  setCounts(): SetCounts;
  /** Pass 2, into the outputs the engine was started with. Returns checksums in stream order. */
  weigh(table: WeightTable, onDone: DoneListener, keeper?: Keeper<WeighedShards>): Promise<SegmentChecksum[]>;
  /** The hardest samples, as each worker found them: at most `top` of each group. */
  find(query: Omit<FindTask, 'pass'>, onDone: DoneListener): Promise<FoundSamples[]>;
  /** Sums of weight times loss by group, as each worker summed them up. */
  rank(table: WeightTable, grouping: Grouping, onDone: DoneListener): Promise<GroupLoss[]>;
}
