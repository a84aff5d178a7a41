import type { FindTask, FoundSamples, Grouping, GroupLoss, SegmentChecksum } from '../../workers/protocol.ts';
import type { CellCounts } from '../density/cells.ts';
import type { CountedSets } from '../density/counted-sets.ts';
import type { DoneListener, Engine, WeightTable } from '../engines/engine.ts';
import { inputError } from '../errors.ts';
import type { CompleteOutputOptions, CompleteRunOptions } from '../options/complete-options.ts';
import type { PassName } from '../options/options.ts';
import { outputBytesOf } from './output-dtype.ts';
import type { Stream } from './stream.ts';
import type { StreamSets } from './stream-sets.ts';
import type { PassTime } from './summary.ts';

/** A pass's result and how long it took. */
export interface Timed<T> {
  readonly result: T;
  readonly time: PassTime;
}

/** Pass 1. @throws inputError where every sample of the whole stream is left out */
export async function countPass(
  engine: Engine,
  stream: Stream,
  options: Pick<CompleteRunOptions, 'onProgress'>,
): Promise<Timed<CellCounts>> {
  const counted = await timed('count', stream, stream.bytes, options, (onDone) => engine.count(onDone));
  if (counted.result.ignored === stream.samples && stream.shard === null) {
    const isRegression = stream.scale.task === 'regression';
    const [why, flags] = isRegression
      ? ['box weight 0, or NaN left out', '--bbox-weights']
      : ['label weight 0, ignore label, or NaN logits left out', '--ignore-label and --label-weights'];
    throw inputError(
      `all ${stream.samples} samples are ignored (${why}); expected at least one that counts. See ${flags}`,
    );
  }
  if (stream.sets === null) return counted;
  const sets = { ...setsOf(stream.sets), counts: engine.setCounts() };
  return { ...counted, result: { ...counted.result, sets } };
}

/** What is said of the sets that were counted. */
export const setsOf = ({ request, batchRows, values }: StreamSets): Omit<CountedSets, 'counts'> => ({
  request,
  batchRows,
  values,
});

/** Pass 2. */
export function weighPass(
  engine: Engine,
  stream: Stream,
  table: WeightTable,
  options: Pick<CompleteRunOptions & CompleteOutputOptions, 'onProgress' | 'outputDtype'>,
): Promise<Timed<SegmentChecksum[]>> {
  const bytesWritten = stream.samples * outputBytesOf(options.outputDtype);
  return timed('weigh', stream, stream.bytes + bytesWritten, options, (onDone) => engine.weigh(table, onDone));
}

/** The hardest samples. */
export function findPass(
  engine: Engine,
  stream: Stream,
  query: Omit<FindTask, 'pass'>,
  options: Pick<CompleteRunOptions, 'onProgress'>,
): Promise<Timed<FoundSamples[]>> {
  return timed('find', stream, stream.bytes, options, (onDone) => engine.find(query, onDone));
}

/** The weighted losses of groups. */
export function rankPass(
  engine: Engine,
  stream: Stream,
  table: WeightTable,
  grouping: Grouping,
  options: Pick<CompleteRunOptions, 'onProgress'>,
): Promise<Timed<GroupLoss[]>> {
  return timed('rank', stream, stream.bytes, options, (onDone) => engine.rank(table, grouping, onDone));
}

async function timed<T>(
  pass: PassName,
  stream: Stream,
  bytes: number,
  { onProgress }: Pick<CompleteRunOptions, 'onProgress'>,
  run: (onDone: DoneListener) => Promise<T>,
): Promise<Timed<T>> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const result = await run((done) => onProgress({ pass, done, total: stream.samples, elapsed: elapsed() }));
  const seconds = elapsed();
  return { result, time: { seconds, samplesPerSecond: stream.samples / seconds, bytes } };
}
