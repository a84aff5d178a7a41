import { inputError } from '../src/errors.ts';
import { ARRAYS_OF_A_PART } from '../src/memory/shard-board.ts';
import type { Segment } from '../src/plan/shards.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import { DTYPE_BYTES, type Part, type ReadableArray } from '../src/sources/source.ts';
import type { Kernels } from './kernel-interface.ts';
import { lookedUpColumn } from './row-sets.ts';
import type { WorkerState } from './worker-state.ts';

/** What has a sum of its own. */
export const summedArrays = (state: WorkerState, part: Part<ReadableArray>): readonly (ReadableArray | null)[] => [
  part.logits,
  part.labels,
  part.labelWeights,
  lookedUpColumn(state, part),
];

/**
 * Sums of the bytes that are read of a segment, one an array of its part. Pass 2 has to read what pass 1 has read, also where a
 * file that changed has its old time and size. A CRC-32 of all that is read would take ten times as long.
 */
export class InputSums {
  /** In the order of `summedArrays`. */
  readonly sums = new Uint32Array(ARRAYS_OF_A_PART);
  private readonly kernels: Kernels;
  private readonly segment: Segment;

  constructor(kernels: Kernels, segment: Segment) {
    this.kernels = kernels;
    this.segment = segment;
  }

  /** The reader of array number `array`, which fills shared memory, with what it reads summed up. */
  of(reader: RowReader, array: number, source: ReadableArray): RowReader {
    const rowBytes = source.columns * DTYPE_BYTES[source.dtype];
    const { prepare, nulls } = reader;
    let next = this.segment.firstRow;
    return {
      ...(prepare && { prepare: prepare.bind(reader) }),
      ...(nulls && { nulls: nulls.bind(reader) }),
      read: (firstRow, into) => {
        reader.read(firstRow, into);
        // some rows are read twice
        if (firstRow < next || rowBytes === 0) return;
        next = firstRow + into.length / rowBytes;
        const from = (firstRow - this.segment.firstRow) * rowBytes;
        this.sums[array] += this.kernels.byteSum(into.byteOffset, into.length, Math.floor(from / 4), from % 4);
      },
      close: () => reader.close(),
    };
  }

  /** @throws inputError naming the first array that is not what it was */
  check(counted: Uint32Array, arrays: readonly (ReadableArray | null)[]): void {
    for (const [array, source] of arrays.entries()) {
      if (source === null || this.sums[array] === counted[array]) continue;
      const { firstRow, rows } = this.segment;
      throw inputError(
        `${source.name}: rows ${firstRow} to ${firstRow + rows - 1} are not what they were when they were counted: the file ` +
          'changed during the run; run again when nothing writes to it',
      );
    }
  }
}
