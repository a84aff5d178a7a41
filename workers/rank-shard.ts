import { bitsOfFloat32 } from '../src/density/cell-values.ts';
import { type SampleLoss, unweightedLoss } from '../src/density/loss.ts';
import { type Place, placeOfBits } from '../src/density/ordered-bits.ts';
import { inputError } from '../src/errors.ts';
import type { Shard } from '../src/plan/shards.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import type { Row } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { groupColumn, groupsOfChunk } from './chunk-groups.ts';
import { chunkHasNaN, codesOf, valueReader } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { firstNaN } from './first-nan.ts';
import type { GroupLoss, RankTask } from './protocol.ts';
import { weighChunk } from './weigh-shard.ts';
import type { WorkerState } from './worker-state.ts';

/** Groups held at most. */
export const MOST_GROUPS = 1_000_000;

/** Units of a loss of 1. */
const UNITS = 2 ** 40;
/** Whole units are added in a double up to here, exactly. */
const MOST_UNITS = 2 ** 52;

interface Sum {
  samples: number;
  hardest: Place;
  infinite: number;
  low: number;
  high: bigint;
}

/** Sums of beta times loss by group, over the shards that this worker takes. Sums of integers: in any order the same. */
export class Ranker {
  private readonly state: WorkerState;
  private readonly task: RankTask;
  private readonly sums = new Map<number, Sum>();

  constructor(state: WorkerState, task: RankTask) {
    this.state = state;
    this.task = task;
  }

  async take(shard: Shard): Promise<void> {
    const { state, task } = this;
    for (const segment of shard.segments) {
      let hasNaN = false;
      await eachChunk(
        state,
        segment,
        (chunk, firstRow, column) => {
          hasNaN ||= state.nonFinite === 'error' && chunkHasNaN(state, chunk);
          this.add(segment.part, chunk, firstRow, column);
        },
        groupColumn(task.grouping),
      );
      const nan = hasNaN ? await firstNaN(state, [segment]) : null;
      if (nan) throw nan;
    }
  }

  losses(): GroupLoss[] {
    return Array.from(this.sums, ([group, { samples, hardest, infinite, low, high }]) => ({
      group,
      samples,
      hardest,
      infinite,
      units: high + BigInt(low),
    }));
  }

  private add(part: number, chunk: Chunk, firstRow: Row, column: RowReader | null): void {
    const { state, task } = this;
    const { memory, arena, bytes } = state;
    weighChunk(state, chunk);
    const betas = new Float32Array(memory.buffer, arena.out, chunk.samples);
    const codes = codesOf(state, chunk);
    const valueAt = valueReader(state, chunk);
    const lossAt = lossReader(state, chunk);
    const groups = groupsOfChunk(state, task.grouping, part, chunk, firstRow, column);
    let group = Number.NaN;
    let sum: Sum | undefined;
    for (let i = 0; i < chunk.samples; i++) {
      const code = bytes[codes + i];
      const value = valueAt(i);
      if (code === 2 || Number.isNaN(value)) continue;
      const own = groups.of(i);
      if (sum === undefined || own !== group) {
        group = own;
        sum = this.sumOf(group);
      }
      // 0 - x: a positive at 0 has z = 0 as well, not -0
      const z = code === 1 ? 0 - value : value + 0;
      sum.samples++;
      sum.hardest = Math.max(sum.hardest, placeOfBits(bitsOfFloat32(z)));
      addLoss(sum, betas[i], lossAt(i, z));
    }
  }

  private sumOf(group: number): Sum {
    let sum = this.sums.get(group);
    if (sum === undefined) {
      if (this.sums.size === MOST_GROUPS) throw tooManyGroups();
      sum = { samples: 0, hardest: 0, infinite: 0, low: 0, high: 0n };
      this.sums.set(group, sum);
    }
    return sum;
  }
}

/** The loss of sample i, at z: that of soft targets was computed with g. */
function lossReader({ memory, scale }: WorkerState, { softTargets, samples }: Chunk): (i: number, z: number) => number {
  if (softTargets !== undefined) {
    const losses = new Float32Array(memory.buffer, softTargets.loss, samples);
    return (i) => losses[i];
  }
  const loss: SampleLoss = unweightedLoss(scale);
  return (_, z) => loss(z, false);
}

function addLoss(sum: Sum, beta: number, loss: number): void {
  // a weight of 0 leaves out what may be infinite
  if (beta === 0) return;
  const units = Math.round(beta * loss * UNITS);
  if (units === Number.POSITIVE_INFINITY) sum.infinite++;
  else if (units >= MOST_UNITS) sum.high += BigInt(units);
  else {
    sum.low += units;
    if (sum.low >= MOST_UNITS) {
      sum.high += BigInt(sum.low);
      sum.low = 0;
    }
  }
}

/** More than are kept in memory. */
export const tooManyGroups = (): Error =>
  inputError(`more than ${MOST_GROUPS} groups to rank: expected no more; rank by a coarser column`);
