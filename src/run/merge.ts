import type { MergeOptions } from '../options/options.ts';
import { validateMerge } from '../options/validate.ts';
import { mergeCounts, type NamedCounts } from '../partial/merge-counts.ts';
import { readPartial } from '../partial/read.ts';
import { checkAbsent } from '../sinks/staging.ts';
import { discover } from '../sources/discover.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { writePartial } from './histogram.ts';
import type { PartialSummary } from './summary.ts';

/**
 * Adds partials into one, exactly: the same bytes as if one run had counted everything, in any order but that
 * of batches, which follow each other as the partials are given.
 *
 * @throws GhmError with the exit code the command line would end with; 3 where partials do not belong together
 */
export async function merge(rawOptions: MergeOptions): Promise<PartialSummary> {
  const start = performance.now();
  const options = validateMerge(rawOptions);
  const files = discover(options.partials, 'partials', process.cwd(), 'given');
  checkOutputFile(options.out, files);
  checkAbsent(options.out, options.force);
  const parts: NamedCounts[] = [];
  for (const { path, name } of files) {
    parts.push({ name, counts: await readPartial(path) });
  }
  return writePartial(mergeCounts(parts), options, 'merge', start);
}
