import { tmpdir } from 'node:os';
import type { Grouping } from '../../workers/protocol.ts';
import { breathing } from '../breath.ts';
import type { Density } from '../density/density.ts';
import type { Scale } from '../density/scale.ts';
import type { Engine } from '../engines/engine.ts';
import { withLocalEngine } from '../engines/local/local-engine.ts';
import { usageError } from '../errors.ts';
import type { CompleteOutliersOptions } from '../options/complete-options.ts';
import type { OutliersOptions } from '../options/options.ts';
import { validateOutliers } from '../options/validate.ts';
import { groupRows } from '../outliers/group-rows.ts';
import { leastOf } from '../outliers/least.ts';
import { mergeFound, mergeLosses } from '../outliers/merge.ts';
import { sampleColumns, sampleRows } from '../outliers/sample-rows.ts';
import type { OutlierTable } from '../outliers/table.ts';
import { readCountsOrDensity } from '../partial/read.ts';
import type { List } from '../shared-list/list.ts';
import { SharedList } from '../shared-list/shared-list.ts';
import { checkAbsent } from '../sinks/free-places.ts';
import { writeOutliers } from '../sinks/outliers-file.ts';
import { checkUnchanged } from '../sources/identity.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { type RowColumn, rowColumn } from '../sources/row-columns.ts';
import { arraysOfAll, type Part, type ReadableArray } from '../sources/source.ts';
import { checkTask } from './apply.ts';
import { givenDensity } from './given-density.ts';
import { outputTable } from './output-dtype.ts';
import { weighingWork } from './outputs.ts';
import { findPass, rankPass } from './passes.ts';
import { openStream, type Stream } from './stream.ts';

/**
 * What `outliers` found. Each row of a classification has `file`, `row`, `class`, `label`, `logit`, `p` and `g`; of a softmax
 * `file`, `row`, `label`, `predicted`, `logit`, `p` (both of the label's class) and `g`; of a regression `file`, `row`,
 * `column`, `prediction`, `target`, `distance` and `g`; then `beta`, where a density was given, and the columns kept. With
 * `by` a row is a group: its name, `samples`, `loss` (sum of beta times loss), `mean`, `share` of all, and `hardest`, its
 * greatest gradient norm. Rows and classes are counted as in the arrays, classes as labels have them.
 */
export interface OutliersResult extends OutlierTable {
  readonly command: 'outliers';
  readonly task: Scale['task'];
  readonly softTargets?: true;
  readonly mu?: number;
  /** Samples read, those left out too. */
  readonly samples: number;
  readonly per?: string;
  readonly by?: string;
  readonly minG?: number;
  /** File written, and its bytes. */
  readonly out?: string;
  readonly bytes?: number;
  readonly seconds: number;
}

/**
 * The hardest samples of a stream, in one pass: those of greatest gradient norm, equal ones in the order of the stream; or
 * the groups of greatest harmonized loss. Norms are compared by z, exactly, also where they round to one number. Samples
 * left out never appear. The result does not depend on the number of threads.
 *
 * @throws GhmError with the exit code the command line would end with
 */
export const outliers = (options: OutliersOptions): Promise<OutliersResult> => outliersInShards(options);

/** The same in shards of a size: it makes no difference, as tests see with it. */
export async function outliersInShards(rawOptions: OutliersOptions, shardSamples?: number): Promise<OutliersResult> {
  const start = performance.now();
  const prepared = await prepareOutliers(rawOptions, shardSamples);
  const { options, stream, density } = prepared;
  const { per, by, minG, out, format, force, onWarning } = options;
  for (const warning of stream.warnings) onWarning(warning);
  const work = weighingWork(stream, { ...options, outputDtype: 'float32' }, [], true);
  const place = out ?? tmpdir();
  const table = await withLocalEngine(
    { ...options, out: place, work, plan: stream.memory, bins: density?.bins ?? DEFAULT_BINS },
    (engine, parts) =>
      by !== undefined && density ? rank(engine, prepared, by, density) : find(engine, parts, prepared),
  );
  const breathe = breathing(options.signal);
  await checkUnchanged(arraysOfAll(stream.parts), breathe);
  const bytes = out === undefined ? undefined : await writeOutliers(out, table, { format, force, breathe });
  return {
    command: 'outliers',
    ...stream.scale,
    samples: stream.samples,
    ...(per !== undefined && { per }),
    ...(by !== undefined && { by }),
    ...(minG !== undefined && { minG }),
    ...table,
    ...(out !== undefined && { out, bytes }),
    seconds: (performance.now() - start) / 1000,
  };
}

const DEFAULT_BINS = 30;

interface PreparedOutliers {
  readonly options: CompleteOutliersOptions;
  /** Its parts have the columns that are grouped by and kept. */
  readonly stream: Stream;
  readonly density: Density | null;
  readonly grouping: Grouping;
  /** Columns to show. */
  readonly kept: readonly string[];
}

/** Everything before the first sample is read. */
async function prepareOutliers(rawOptions: OutliersOptions, shardSamples?: number): Promise<PreparedOutliers> {
  const options = validateOutliers(rawOptions);
  const { per, by, keep, out, force } = options;
  const density = await densityOfOptions(options);
  const opened = await openStream(
    // the columns are opened below
    { ...options, columns: undefined, mu: density?.mu ?? options.mu },
    {
      bins: density?.bins ?? DEFAULT_BINS,
      weigh: true,
      sets: null,
      shardSamples,
      window: { fineBits: undefined, weighs: by !== undefined && density?.method === 'window' },
    },
  );
  const breathe = breathing(options.signal);
  const { parts, scale } = opened;
  const name = per ?? by;
  const isColumn = name !== undefined && name !== 'class' && name !== 'file';
  const flag = per === undefined ? '--by' : '--per';
  const column = isColumn ? await rowColumn({ name, flag, groups: true }, parts, options, breathe) : null;
  const columns = column ? [column] : [];
  for (const one of keep)
    columns.push(await rowColumn({ name: one, flag: '--keep', groups: false }, parts, options, breathe));
  const kept = [...new Set(columns.map((one) => one.name))];
  sampleColumns(scale, density !== null, kept);
  const stream = {
    ...opened,
    parts: SharedList.of(withColumns(parts, columns)),
    warnings: [
      ...new Set([...opened.warnings, ...columns.flatMap(({ warnings }) => warnings), ...unused(options, kept)]),
    ],
  };
  if (out !== undefined) {
    await checkOutputFile(out, arraysOfAll(stream.parts), breathe);
    await checkAbsent(out, force);
  }
  return { options, stream, density, grouping: groupingOf(name, column), kept };
}

function* withColumns(parts: List<Part>, columns: readonly RowColumn[]): Generator<Part> {
  for (const [i, part] of parts.entries()) {
    yield { ...part, columns: Object.fromEntries(columns.map(({ name, arrays }) => [name, arrays[i]])) };
  }
}

/** Warnings of columns that nothing shows or goes by. */
const unused = ({ columns }: CompleteOutliersOptions, wanted: readonly string[]): string[] =>
  Object.keys(columns ?? {})
    .filter((name) => !wanted.includes(name))
    .map((name) => `--column ${name} has no effect: none of --keep, --per and --by names it`);

function groupingOf(name: string | undefined, column: RowColumn | null): Grouping {
  if (column !== null) return { by: 'column', name: column.name };
  return { by: name === 'class' || name === 'file' ? name : 'none' };
}

/** A density as it was made, of one set: what `apply` makes of it without further options. */
async function densityOfOptions(options: CompleteOutliersOptions): Promise<Density | null> {
  const file = options.density;
  if (file === undefined) return null;
  const breathe = breathing(options.signal);
  const given = await readCountsOrDensity(file, breathe);
  const isOfSets = given.kind === 'counts' ? given.counts.sets : (given.density.batches ?? given.density.groups);
  if (isOfSets) {
    throw usageError(
      `--density ${file}: was counted with --batch or --group, and has a weight for each; give one that was counted without`,
    );
  }
  const asMade = {
    method: undefined,
    bins: undefined,
    normalize: undefined,
    epsilon: undefined,
    maxWeight: undefined,
    meanOne: undefined,
    focalGamma: undefined,
    focalAlpha: undefined,
    momentum: undefined,
    biasCorrection: false,
  };
  const { density } = await givenDensity(given, { ...asMade, density: file }, breathe);
  checkTask(density, { ...options, density: file });
  return density;
}

async function find(
  engine: Engine,
  parts: List<Part<ReadableArray>>,
  { options, stream, grouping, density, kept }: PreparedOutliers,
): Promise<OutlierTable> {
  const { top, minG = 0 } = options;
  const query = { top, least: leastOf(stream.scale, minG), grouping };
  const { result } = await findPass(engine, stream, query, options);
  const breathe = breathing(options.signal);
  return sampleRows(await mergeFound(result, top, breathe), parts, stream.scale, { density, kept, breathe });
}

async function rank(
  engine: Engine,
  { options, stream, grouping }: PreparedOutliers,
  by: string,
  density: Density,
): Promise<OutlierTable> {
  const table = outputTable(stream.kind, { density, setBeta: null }, 'float32');
  const { result } = await rankPass(engine, stream, table, grouping, options);
  const { groups, loss } = mergeLosses(result);
  const name = grouping.by === 'column' ? grouping.name : by;
  return groupRows(groups.slice(0, options.top), name, stream.parts, stream.scale, loss);
}
