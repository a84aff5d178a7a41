import { crc32 } from 'node:zlib';
import type { Shard } from '../src/plan/shards.ts';
import type { Chunk } from './chunk.ts';
import { chunkHasNaN } from './chunk-samples.ts';
import { eachChunk } from './each-chunk.ts';
import { withOutput, writeFully } from './file-io.ts';
import { firstNaN } from './first-nan.ts';
import { weighChunkSets } from './set-passes.ts';
import { weighChunkByWindow } from './window-chunk.ts';
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
        else weighChunk(state, chunk);
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

/** Puts the weights of a chunk into the arena. */
export function weighChunk(state: WorkerState, chunk: Chunk): void {
  const { kernels: k, arena: a, layout: l } = state;
  const { logits, samples, rows, width, targets } = chunk;
  const pieces = [l.beta, l.betaSplits, l.first, l.thresholdBits, l.thresholds] as const;
  if (l.window.weighed > 0) {
    weighChunkByWindow(state, chunk);
  } else if (state.kind === 'float16') {
    if (targets.kind === 'codes') {
      k.weighFloat16(logits, targets.at, samples, l.beta, a.out);
    } else {
      k.weighFloat16Negatives(logits, samples, l.beta, a.out);
      k.reweighRowsFloat16(logits, targets.at, rows, width, l.beta, a.out);
    }
  } else if (targets.kind === 'codes') {
    k.weighFloat32(logits, targets.at, samples, ...pieces, a.groups, a.out);
  } else {
    k.weighFloat32Negatives(logits, samples, ...pieces, a.groups, a.out);
    k.reweighRowsFloat32(logits, targets.at, rows, width, ...pieces, a.out);
  }
}

/** Brings the looked-up words to the bytes of the output. */
function narrow({ kernels, arena: { out }, outputBytes }: WorkerState, { samples }: Chunk): void {
  if (outputBytes === 2) kernels.narrowToFloat16(out, samples, out);
  if (outputBytes === 1) kernels.narrowToCodes(out, samples, out);
}
