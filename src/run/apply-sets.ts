import type { WeighedDensity } from '../density/counted-sets.ts';
import { inputError, usageError } from '../errors.ts';
import type { CompleteApplyOptions } from '../options/complete-options.ts';
import { describeRequest, type SetRequest, setRequest } from '../options/set-options.ts';
import type { CountsOrDensity } from '../partial/read.ts';
import type { StreamSets } from './stream-sets.ts';

/** The batches or groups that a partial or a density.json has. */
export interface GivenSets {
  readonly request: SetRequest;
  /** Rows of each batch. */
  readonly batchRows: readonly number[];
  /** Value of each group. */
  readonly values: readonly number[];
}

/** How sets were counted, for messages. */
const has = (sets: GivenSets | null): string =>
  sets === null ? 'with neither --batch nor --group' : `with ${describeRequest(sets.request)}`;

type SetFlags = Pick<
  CompleteApplyOptions,
  'density' | 'method' | 'bins' | 'batch' | 'batchSize' | 'group' | 'momentum' | 'biasCorrection'
>;

/**
 * The sets that `apply` weighs by: those of what it was given.
 *
 * @throws usageError where the options ask for others, or leave open what they need
 */
export function setsOf(given: CountsOrDensity, options: SetFlags): GivenSets | null {
  const file = options.density;
  const asked = setRequest(options);
  const sets = given.kind === 'density' ? groupsOf(given.density, file) : (given.counts.sets ?? null);
  if (asked !== null && (sets === null || describeRequest(sets.request) !== describeRequest(asked))) {
    throw usageError(
      `${describeRequest(asked)}: ${file} was counted ${has(sets)}; count it again, or drop that option`,
    );
  }
  if (given.kind === 'density') return sets;
  if (sets !== null && options.method === 'window') {
    throw usageError(
      `--method window: is one density for all samples, and ${file} was counted ${has(sets)}; count it without`,
    );
  }
  if (sets?.request.kind === 'batches' && options.momentum === undefined) {
    throw usageError(
      `${file} was counted with ${describeRequest(sets.request)}: add --momentum A, at least 0 and below 1; ` +
        '0 weighs each batch by its own counts alone',
    );
  }
  if (sets?.request.kind !== 'batches' && options.momentum !== undefined) {
    throw usageError(`--momentum: averages over batches, and ${file} has none; count it with --batch`);
  }
  if (sets !== null && options.bins !== undefined && options.bins !== given.counts.bins) {
    throw usageError(
      `--bins ${options.bins}: ${file} counted its ${sets.request.kind} for ${given.counts.bins} regions, and only the ` +
        'whole for others; count it again with these --bins',
    );
  }
  return sets;
}

function groupsOf(
  { groups, batches }: Extract<CountsOrDensity, { kind: 'density' }>['density'],
  file: string,
): GivenSets | null {
  if (batches) {
    throw usageError(
      `${file}: a density.json of batches does not hold their weights; give the partial that ghm histogram ` +
        `--batch ${batches.by} writes, with --momentum ${batches.momentum}`,
    );
  }
  if (!groups) return null;
  return { request: { kind: 'groups', column: groups.column }, batchRows: [], values: groups.values };
}

/**
 * The weights of the sets of a stream, from those that were given.
 *
 * @throws inputError where the batches of the stream are not those that were counted, or it has a group that was not
 */
export function weightsOfStream(
  { density, setBeta }: WeighedDensity,
  given: GivenSets,
  stream: StreamSets,
  file: string,
): WeighedDensity {
  if (setBeta === null) return { density, setBeta };
  if (given.request.kind === 'batches') {
    checkBatches(given.batchRows, stream, file);
    const before = stream.batchesBefore;
    return { density, setBeta: setBeta.slice(before, before + stream.batchRows.length) };
  }
  const { column } = given.request;
  const place = new Map(given.values.map((value, i) => [value, i]));
  const beta = stream.values.map((value) => {
    const found = place.get(value);
    if (found === undefined) {
      throw inputError(`${file}: has no group ${column} ${value}, which these files have; count them into it first`);
    }
    return setBeta[found];
  });
  return { density, setBeta: beta };
}

function checkBatches(counted: readonly number[], stream: StreamSets, file: string): void {
  const { batchRows, batchesBefore: before, batchesInAll } = stream;
  const different = batchRows.findIndex((rows, i) => rows !== counted[before + i]);
  if (different < 0 && counted.length === batchesInAll) return;
  const rows = (count: number | undefined) => (count === undefined ? 'no rows' : `${count} rows`);
  const batch = before + (different < 0 ? batchRows.length : different);
  throw inputError(
    `${file}: has ${rows(counted[batch])} in batch ${batch} (of ${counted.length}), these files have ` +
      `${rows(batchRows[batch - before])} (of ${batchesInAll}); expected the same batches. A batch does not span partials: cut the files between batches, ` +
      'merge the partials in the order of the files, and give all of the files',
  );
}
