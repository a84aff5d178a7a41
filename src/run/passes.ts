import type { FindTask, FoundSamples, Grouping, GroupLoss, SegmentChecksum } from '../../workers/protocol.ts';
import type { CellCounts } from '../density/cells.ts';
import type { CountedSets } from '../density/counted-sets.ts';
import type { SetCounts } from '../density/set-counts.ts';
import type { DoneListener, Engine, Keeper, WeighedShards, WeightTable } from '../engines/engine.ts';
import { inputError } from '../errors.ts';
import { addToCounted } from '../journal/add-to-counted.ts';
import type { CompleteOutputOptions, CompleteRunOptions } from '../options/complete-options.ts';
import type { PassName } from '../options/options.ts';
import { samplesIn } from '../plan/shards.ts';
import type { JournalledRun } from './journalled-run.ts';
import { outputBytesOf } from './output-dtype.ts';
import type { Stream } from './stream.ts';
import type { StreamSets } from './stream-sets.ts';
import type { PassTime } from './summary.ts';

/** A pass's result and how long it took. */
export interface Timed<T> {
  readonly result: T;
  readonly time: PassTime;
}

/** Pass 1, but for what earlier runs have counted. @throws inputError where every sample of the whole stream is left out */
export async function countPass(
  engine: Engine,
  stream: Stream,
  options: Pick<CompleteRunOptions, 'onProgress'>,
  run: JournalledRun | null,
): Promise<Timed<CellCounts>> {
  const before = run?.countedBefore ?? null;
  const all = (counts: CellCounts, sets: SetCounts | null) =>
    addToCounted(
      before?.counts ?? null,
      sets && stream.sets ? { ...counts, sets: { ...setsOf(stream.sets), counts: sets } } : counts,
    );
  const keeper = run?.countKeeper(({ counts, sets }) => all(counts, sets));
  const counted = await timed('count', stream, stream.bytes, before?.done ?? null, options, async (onDone) => {
    const counts = await engine.count(onDone, keeper);
    return all(counts, stream.sets && engine.setCounts());
  });
  if (counted.result.ignored === stream.samples && stream.shard === null) {
    const isRegression = stream.scale.task === 'regression';
    const [why, flags] = isRegression
      ? ['box weight 0, or NaN left out', '--bbox-weights']
      : ['label weight 0, ignore label, or NaN logits left out', '--ignore-label and --label-weights'];
    throw inputError(
      `all ${stream.samples} samples are ignored (${why}); expected at least one that counts. See ${flags}`,
    );
  }
  return counted;
}

/** What is said of the sets that were counted. */
export const setsOf = ({ request, batchRows, values }: StreamSets): Omit<CountedSets, 'counts'> => ({
  request,
  batchRows,
  values,
});

/** Pass 2, but for what earlier runs have weighed. */
export function weighPass(
  engine: Engine,
  stream: Stream,
  table: WeightTable,
  options: Pick<CompleteRunOptions & CompleteOutputOptions, 'onProgress' | 'outputDtype'>,
  keeper?: Keeper<WeighedShards>,
): Promise<Timed<SegmentChecksum[]>> {
  const bytes = stream.bytes + stream.samples * outputBytesOf(options.outputDtype);
  const before = keeper?.kept?.done ?? null;
  return timed('weigh', stream, bytes, before, options, (onDone) => engine.weigh(table, onDone, keeper));
}

/** The hardest samples. */
export function findPass(
  engine: Engine,
  stream: Stream,
  query: Omit<FindTask, 'pass'>,
  options: Pick<CompleteRunOptions, 'onProgress'>,
): Promise<Timed<FoundSamples[]>> {
  return timed('find', stream, stream.bytes, null, options, (onDone) => engine.find(query, onDone));
}

/** The weighted losses of groups. */
export function rankPass(
  engine: Engine,
  stream: Stream,
  table: WeightTable,
  grouping: Grouping,
  options: Pick<CompleteRunOptions, 'onProgress'>,
): Promise<Timed<GroupLoss[]>> {
  return timed('rank', stream, stream.bytes, null, options, (onDone) => engine.rank(table, grouping, onDone));
}

async function timed<T>(
  pass: PassName,
  stream: Stream,
  bytes: number,
  before: Uint8Array | null,
  { onProgress }: Pick<CompleteRunOptions, 'onProgress'>,
  run: (onDone: DoneListener) => Promise<T>,
): Promise<Timed<T>> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const result = await run((done) => onProgress({ pass, done, total: stream.samples, elapsed: elapsed() }));
  const seconds = elapsed();
  const share = 1 - samplesIn(stream.shards, before) / stream.samples;
  return { result, time: { seconds, samplesPerSecond: (share * stream.samples) / seconds, bytes: share * bytes } };
}
