import { bitsOfFloat32 } from '../src/density/cell-values.ts';
import { type Place, placeOfBits, valueOfPlace } from '../src/density/ordered-bits.ts';
import { inputError } from '../src/errors.ts';
import type { Segment, Shard } from '../src/plan/shards.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import type { Row } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { type ChunkGroups, groupColumn, groupsOfChunk } from './chunk-groups.ts';
import { type ChunkSamples, chunkHasNaN, samplesOfChunk } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { firstNaN } from './first-nan.ts';
import { Hardest, MOST_HELD } from './hardest.ts';
import type { FindTask, FoundSamples } from './protocol.ts';
import type { WorkerState } from './worker-state.ts';

/** Samples looked at together: the list of those found fits the arena's. */
const BLOCK = 1024;
/** More groups than this are asked for their least once a chunk, not once a block. */
const MOST_ASKED = 100;
const SIGN = 0x8000_0000;

/** Consecutive samples of a chunk. */
interface Block {
  readonly part: number;
  /** Samples of the part before the chunk. */
  readonly before: number;
  readonly groups: ChunkGroups;
  readonly samples: ChunkSamples;
  readonly first: number;
  readonly count: number;
  /** Only samples whose z is at or above this place may enter. */
  readonly least: Place;
}

/** The hardest samples of the shards that this worker takes, in all or of each group. */
export class Finder {
  private readonly state: WorkerState;
  private readonly task: FindTask;
  private readonly groups = new Map<number, Hardest>();
  /** Samples that will be found: of each group no more than are asked for. */
  private kept = 0;

  constructor(state: WorkerState, task: FindTask) {
    this.state = state;
    this.task = task;
  }

  /** Looks through a shard; shards have to come in the order of the stream. */
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
          this.look(segment, chunk, firstRow, column);
        },
        groupColumn(task.grouping),
      );
      const nan = hasNaN ? await firstNaN(state, [segment]) : null;
      if (nan) throw nan;
    }
  }

  /** What was found, group by group, the hardest of each first. */
  found(): FoundSamples {
    const lists = { group: [] as number[], place: [] as number[], part: [] as number[], sample: [] as number[] };
    for (const [group, hardest] of this.groups) {
      hardest.each((place, part, sample) => {
        lists.group.push(group);
        lists.place.push(place);
        lists.part.push(part);
        lists.sample.push(sample);
      });
    }
    return {
      group: Float64Array.from(lists.group),
      place: Float64Array.from(lists.place),
      part: Float64Array.from(lists.part),
      sample: Float64Array.from(lists.sample),
    };
  }

  private look(segment: Segment, chunk: Chunk, firstRow: Row, column: RowReader | null): void {
    const { state, task } = this;
    const groups = groupsOfChunk(state, task.grouping, segment.part, chunk, firstRow, column);
    const samples = samplesOfChunk(state, chunk);
    const once = groups.present.length > MOST_ASKED ? this.leastOf(groups.present) : undefined;
    for (let first = 0; first < chunk.samples; first += BLOCK) {
      const count = Math.min(BLOCK, chunk.samples - first);
      const least = once ?? this.leastOf(groups.present);
      this.lookAtBlock({ part: segment.part, before: firstRow * chunk.width, groups, samples, first, count, least });
    }
  }

  private lookAtBlock({ part, before, groups, samples, first, count, least }: Block): void {
    const { kernels, arena, memory, bytes } = this.state;
    const { values, codes } = samples;
    const at = values + 4 * first;
    const hits = kernels.findAtOrAbove(at, codes + first, count, valueOfPlace(least), arena.groups);
    if (hits === 0) return;
    const list = new Uint32Array(memory.buffer, arena.groups, hits);
    const bits = new Uint32Array(memory.buffer, at, count);
    for (const i of list) {
      const z = bytes[codes + first + i] === 1 ? (bits[i] ^ SIGN) >>> 0 : bits[i];
      // -0 and 0 are one number
      this.offer(groups.of(first + i), placeOfBits(z === SIGN ? 0 : z), part, before + first + i);
    }
  }

  /** The place from which on a sample of one of these groups may enter. */
  private leastOf(present: readonly number[]): number {
    let least = Number.POSITIVE_INFINITY;
    for (const group of present) least = Math.min(least, this.groups.get(group)?.least ?? this.leastAtAll);
    return least;
  }

  private get leastAtAll(): number {
    return placeOfBits(bitsOfFloat32(this.task.least));
  }

  private offer(group: number, place: number, part: number, sample: number): void {
    let hardest = this.groups.get(group);
    if (hardest === undefined) {
      hardest = new Hardest(this.task.top, this.leastAtAll);
      this.groups.set(group, hardest);
    }
    const before = hardest.length;
    hardest.offer(place, part, sample);
    if (before < this.task.top && hardest.length > before && ++this.kept > MOST_HELD) throw tooMany();
  }
}

/** More than is kept in memory; whether it is thrown does not depend on how the stream was shared out. */
export const tooMany = (): Error =>
  inputError(
    `more than ${MOST_HELD} outliers: expected no more, over all groups together; give a smaller --top, or a --min-g`,
  );
