import { crc32 } from 'node:zlib';
import { ARRAYS_OF_A_PART } from '../src/memory/shard-board.ts';
import type { Shard } from '../src/plan/shards.ts';
import { itemOf } from '../src/shared-list/list.ts';
import type { Chunk } from './chunk.ts';
import { chunkHasNaN } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { withOutput, writeFully } from './file-io.ts';
import { firstNaN } from './first-nan.ts';
import { InputSums, summedArrays } from './input-sums.ts';
import { weighChunkSets } from './set-passes.ts';
import type { WorkerState } from './worker-state.ts';

/** Pass 2 of one shard: looks the weights up and writes each segment to its place in the part's output. */
export async function weighShard(state: WorkerState, shard: Shard): Promise<void> {
  const { arena, outputBytes, shardBoard } = state;
  const checks = state.checkWhileWeighing && state.nonFinite === 'error';
  for (const [i, segment] of shard.segments.entries()) {
    const { path, dataOffset } = itemOf(state.outputs, segment.part);
    const part = itemOf(state.parts, segment.part);
    let crc = 0;
    let hasNaN = false;
    // of samples that no pass counted nothing is known
    const sums = state.checkWhileWeighing ? null : new InputSums(state.kernels, segment);
    await withOutput(path, (fd) => {
      const visit = (chunk: Chunk, firstRow: number): void => {
        hasNaN ||= checks && chunkHasNaN(state, chunk);
        if (state.sets) weighChunkSets(state, chunk);
        else state.passes.weigh(state, chunk);
        narrow(state, chunk);
        const weights = state.bytes.subarray(arena.out, arena.out + chunk.samples * outputBytes);
        crc = crc32(weights, crc);
        writeFully(fd, weights, dataOffset + firstRow * part.classes * outputBytes, path);
      };
      return eachChunk(state, shard.segments, i, visit, null, sums);
    });
    const number = state.firstSegments[shard.id] + i;
    const counted = shardBoard.inputSums.subarray(ARRAYS_OF_A_PART * number, ARRAYS_OF_A_PART * (number + 1));
    sums?.check(counted, summedArrays(state, part));
    const nan = hasNaN ? await firstNaN(state, [segment]) : null;
    if (nan) throw nan;
    shardBoard.checksums[number] = crc;
  }
}

/** Brings the looked-up words to the bytes of the output. */
function narrow({ kernels, arena: { out }, outputBytes }: WorkerState, { samples }: Chunk): void {
  if (outputBytes === 2) kernels.narrowToFloat16(out, samples, out);
  if (outputBytes === 1) kernels.narrowToCodes(out, samples, out);
}
