import { inputError } from '../src/errors.ts';
import type { Segment } from '../src/plan/shards.ts';
import type { Chunk } from './chunk.ts';
import { eachChunk } from './each-chunk.ts';
import type { WorkerState } from './worker-state.ts';

/** Reads segments again, slowly, for the place of the first NaN that counts; `null` where there is none. */
export async function firstNaN(state: WorkerState, segments: readonly Segment[]): Promise<Error | null> {
  let message = '';
  for (const segment of segments) {
    const { logits } = state.parts[segment.part];
    await eachChunk(state, segment, (chunk, firstRow) => {
      for (let i = 0; i < chunk.samples && message === ''; i++) {
        if (!isNaNAt(state, chunk, i) || isIgnoredAt(state, chunk, i)) continue;
        const where = chunk.width > 1 ? `, class ${i % chunk.width}` : '';
        message =
          `${logits.name}: row ${firstRow + Math.floor(i / chunk.width)}${where}: expected a logit, found NaN; ` +
          'use --non-finite ignore to leave such samples out';
      }
    });
    if (message !== '') break;
  }
  return message === '' ? null : inputError(message);
}

function isNaNAt(state: WorkerState, chunk: Chunk, i: number): boolean {
  const view = new DataView(state.memory.buffer, chunk.logits);
  return state.kind === 'float16'
    ? (view.getUint16(2 * i, true) & 0x7fff) > 0x7c00
    : (view.getUint32(4 * i, true) & 0x7fff_ffff) > 0x7f80_0000;
}

function isIgnoredAt(state: WorkerState, { targets, width }: Chunk, i: number): boolean {
  if (targets.kind === 'codes') return state.bytes[targets.at + i] === 2;
  return new Int32Array(state.memory.buffer, targets.at)[Math.floor(i / width)] === -2;
}
