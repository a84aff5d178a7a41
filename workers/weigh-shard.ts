import { crc32 } from 'node:zlib';
import type { Shard } from '../src/plan/shards.ts';
import type { Chunk } from './chunk.ts';
import { chunkHasNaN } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { withOutput, writeFully } from './file-io.ts';
import { firstNaN } from './first-nan.ts';
import { weighChunkSets } from './set-passes.ts';
import type { WorkerState } from './worker-state.ts';

/** Pass 2 of one shard: looks the weights up and writes each segment to its place in the part's output. */
export async function weighShard(state: WorkerState, shard: Shard): Promise<void> {
  const { arena, outputBytes, shardBoard } = state;
  const checks = state.checkWhileWeighing && state.nonFinite === 'error';
  for (const [i, segment] of shard.segments.entries()) {
    const { path, dataOffset } = state.outputs[segment.part];
    const { classes } = state.parts[segment.part];
    let crc = 0;
    let hasNaN = false;
    await withOutput(path, (fd) =>
      eachChunk(state, segment, (chunk, firstRow) => {
        hasNaN ||= checks && chunkHasNaN(state, chunk);
        if (state.sets) weighChunkSets(state, chunk);
        else state.passes.weigh(state, chunk);
        narrow(state, chunk);
        const weights = state.bytes.subarray(arena.out, arena.out + chunk.samples * outputBytes);
        crc = crc32(weights, crc);
        writeFully(fd, weights, dataOffset + firstRow * classes * outputBytes, path);
      }),
    );
    const nan = hasNaN ? await firstNaN(state, [segment]) : null;
    if (nan) throw nan;
    shardBoard.checksums[state.firstSegments[shard.id] + i] = crc;
  }
}

/** Brings the looked-up words to the bytes of the output. */
function narrow({ kernels, arena: { out }, outputBytes }: WorkerState, { samples }: Chunk): void {
  if (outputBytes === 2) kernels.narrowToFloat16(out, samples, out);
  if (outputBytes === 1) kernels.narrowToCodes(out, samples, out);
}
