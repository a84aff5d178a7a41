import { inputError } from '../src/errors.ts';
import type { Shard } from '../src/plan/shards.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import type { Row } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { groupColumn, groupsOfChunk } from './chunk-groups.ts';
import { chunkHasNaN, codesOf } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { firstNaN } from './first-nan.ts';
import { LossTable } from './loss-table.ts';
import type { GroupLoss, RankTask } from './protocol.ts';
import { weighChunk } from './weigh-chunk.ts';
import type { WorkerState } from './worker-state.ts';

/** Groups held at most. */
export const MOST_GROUPS = 1_000_000;

/** Units of a loss of 1. */
const UNITS = 2 ** 40;
/** Whole units are added in a double up to here, exactly. */
const MOST_UNITS = 2 ** 52;

interface Sum {
  samples: number;
  /** Bits of the greatest z, and their place among those of their length. */
  hardest: number;
  order: number;
  infinite: number;
  low: number;
  high: bigint;
}

const noSum = (): Sum => ({ samples: 0, hardest: 0, order: -1, infinite: 0, low: 0, high: 0n });

/** Sums of beta times loss by group, over the shards that this worker takes. Sums of integers: in any order the same. */
export class Ranker {
  private readonly state: WorkerState;
  private readonly task: RankTask;
  private readonly table: LossTable;
  private readonly sums = new Map<number, Sum>();

  constructor(state: WorkerState, task: RankTask) {
    this.state = state;
    this.task = task;
    this.table = new LossTable(state.kind, state.scale);
  }

  async take(shard: Shard): Promise<void> {
    const { state, task } = this;
    for (const [i, segment] of shard.segments.entries()) {
      let hasNaN = false;
      await eachChunk(
        state,
        shard.segments,
        i,
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
      hardest: this.table.placeOf(hardest),
      infinite,
      units: high + BigInt(low),
    }));
  }

  private add(part: number, chunk: Chunk, firstRow: Row, column: RowReader | null): void {
    const { state, task, table } = this;
    const { memory, arena, bytes } = state;
    const { samples, rows, width, softTargets, logits } = chunk;
    weighChunk(state, chunk);
    const betas = new Float32Array(memory.buffer, arena.out, samples);
    const codes = codesOf(state, chunk);
    const Bits = state.kind === 'float16' ? Uint16Array : Uint32Array;
    const values = new Bits(memory.buffer, logits, samples);
    // the loss of soft targets is no function of z: it was computed with g
    const own = softTargets && new Float32Array(memory.buffer, softTargets.loss, samples);
    const groups = groupsOfChunk(state, task.grouping, part, chunk, firstRow, column);
    const { sign, infinity } = table;
    const isByRow = width === 1 || task.grouping.by !== 'class';
    let sum = noSum();
    let group = Number.NaN;
    for (let row = 0, i = 0; row < rows; row++) {
      let isKnown = false;
      for (let c = 0; c < width; c++, i++) {
        const code = bytes[codes + i];
        const value = values[i];
        if (code === 2 || (value & (sign - 1)) > infinity) continue;
        if (!isKnown) {
          isKnown = isByRow;
          const next = groups.of(i);
          if (next !== group) {
            group = next;
            sum = this.sumOf(group);
          }
        }
        const z = code === 1 ? (value ^ sign) >>> 0 : value;
        const order = z >= sign ? 2 * sign - 1 - z : z + sign;
        if (order > sum.order) {
          sum.order = order;
          sum.hardest = z;
        }
        sum.samples++;
        const beta = betas[i];
        // a weight of 0 leaves out what may be infinite
        if (beta !== 0) addLoss(sum, beta * (own === undefined ? table.at(z) : own[i]));
      }
    }
  }

  private sumOf(group: number): Sum {
    let sum = this.sums.get(group);
    if (sum === undefined) {
      if (this.sums.size === MOST_GROUPS) throw tooManyGroups();
      sum = noSum();
      this.sums.set(group, sum);
    }
    return sum;
  }
}

function addLoss(sum: Sum, loss: number): void {
  const units = Math.round(loss * UNITS);
  if (units < MOST_UNITS) {
    sum.low += units;
    if (sum.low < MOST_UNITS) return;
    sum.high += BigInt(sum.low);
    sum.low = 0;
  } else if (units === Number.POSITIVE_INFINITY) sum.infinite++;
  else sum.high += BigInt(units);
}

/** More than are kept in memory. */
export const tooManyGroups = (): Error =>
  inputError(`more than ${MOST_GROUPS} groups to rank: expected no more; rank by a coarser column`);
