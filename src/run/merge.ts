import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { breathing } from '../breath.ts';
import type { CellCounts } from '../density/cells.ts';
import { inputError, usageError } from '../errors.ts';
import type { MergeOptions } from '../options/options.ts';
import { validateMerge } from '../options/validate.ts';
import { PartialSum } from '../partial/merge-counts.ts';
import { describeMissing, describeShards } from '../partial/merge-shards.ts';
import { readPartial } from '../partial/read.ts';
import { checkAbsent } from '../sinks/free-places.ts';
import { writeWhole } from '../sinks/staging.ts';
import { discover } from '../sources/discover.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { writePartial } from './histogram.ts';
import type { PartialSummary } from './summary.ts';

/**
 * Adds partials into one, exactly: the same bytes as if one run had counted everything, in any order but that
 * of batches, which follow each other as the partials are given, shards of one stream as their numbers say. A folder stands for
 * the `*.ghm` in it, among which no shard may be missing.
 *
 * @throws GhmError with the exit code the command line would end with; 3 where partials do not belong together
 */
export async function merge(rawOptions: MergeOptions): Promise<PartialSummary> {
  const start = performance.now();
  const options = validateMerge(rawOptions);
  const breathe = breathing(options.signal);
  const files = await discover(options.partials, 'partials', process.cwd(), 'given', breathe);
  await checkOutputFile(options.out, files, breathe);
  const folders = options.partials.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  checkOutside(options.out, folders);
  await checkAbsent(options.out, options.force);
  const added = new PartialSum();
  for (const { path, name } of files) {
    added.add({ name, counts: await readPartial(path, breathe) });
    await breathe();
  }
  const sum = added.result();
  checkComplete(sum, folders);
  const { out, force } = options;
  // another merge of the same shards writes the same bytes
  const replace = force || sum.shards !== undefined;
  return writePartial(sum, out, 'merge', start, (content) => writeWhole(out, content, replace));
}

/** @throws usageError where the next merge of a folder would add what this one writes */
function checkOutside(out: string, folders: readonly string[]): void {
  const folder = folders.find((path) => resolve(path) === dirname(resolve(out)));
  if (folder === undefined) return;
  throw usageError(
    `--out ${out}: lies in ${folder}, whose partials are added, so that the next merge would add this one too; write it elsewhere`,
  );
}

/** @throws inputError where a folder was given and shards are missing */
function checkComplete({ shards }: CellCounts, [folder]: readonly string[]): void {
  if (shards === undefined || folder === undefined) return;
  throw inputError(
    `${folder}: holds ${describeShards(shards)}; expected all of them. Missing: ${describeMissing(shards)}, which ghm histogram ` +
      '--shard makes',
  );
}
