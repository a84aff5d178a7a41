import { inputError } from '../src/errors.ts';
import type { Segment } from '../src/plan/shards.ts';
import { itemOf } from '../src/shared-list/list.ts';
import type { Row } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { eachChunk } from './each-chunk.ts';
import { classColumn } from './read-arrays.ts';
import type { WorkerState } from './worker-state.ts';

const ADVICE = 'use --non-finite ignore to leave such samples out';

/** Reads segments again, slowly, for the place of the first NaN that counts; `null` where there is none. */
export async function firstNaN(state: WorkerState, segments: readonly Segment[]): Promise<Error | null> {
  let message = '';
  for (const [i, segment] of segments.entries()) {
    await eachChunk(state, segments, i, (chunk, firstRow) => {
      for (let sample = 0; sample < chunk.samples && message === ''; sample++) {
        if (!isNaNAt(state, chunk, sample) || isIgnoredAt(state, chunk, sample)) continue;
        const row = firstRow + Math.floor(sample / chunk.width);
        message = `${describe(state, segment, chunk, sample, row)}; ${ADVICE}`;
      }
    });
    if (message !== '') break;
  }
  return message === '' ? null : inputError(message);
}

/** Where the NaN of sample i comes from. */
function describe(state: WorkerState, { part }: Segment, chunk: Chunk, i: number, row: Row): string {
  const { logits, labels, targets } = itemOf(state.parts, part);
  const { operand } = state.arena;
  const { buffer } = state.memory;
  if (targets === 'boxes') {
    const place = `row ${row}${chunk.width > 1 ? `, column ${i % chunk.width}` : ''}`;
    const prediction =
      logits.dtype === 'float64' ? new Float64Array(buffer, operand)[i] : new Float32Array(buffer, operand)[i];
    if (Number.isNaN(prediction)) return `${logits.name}: ${place}: expected a predicted number, found NaN`;
    if (Number.isFinite(prediction)) return `${labels.name}: ${place}: expected a target, found NaN`;
    return `${labels.name}: ${place}: expected a target other than NaN and ${prediction}, as predicted: they have no distance`;
  }
  if (targets === 'softmax') {
    const { columns } = logits;
    const classes = new Float32Array(buffer, operand + 4 * i * columns, columns);
    const bad = classes.findIndex((logit) => Number.isNaN(logit));
    if (bad >= 0) return `${logits.name}: row ${row}, class ${bad}: expected a logit, found NaN`;
    return (
      `${logits.name}: row ${row}: expected logits that have a softmax, found ` +
      (classes.includes(Number.POSITIVE_INFINITY) ? 'Infinity in more than one class' : '-Infinity in every class')
    );
  }
  return `${logits.name}: row ${row}${classColumn(chunk.width, i)}: expected a logit, found NaN`;
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
