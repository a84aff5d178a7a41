import { readAnnotations } from '../../src/coco/annotations.ts';
import { JsonReader } from '../../src/coco/json-reader.ts';
import type { MatchOptions } from '../../src/coco/match.ts';
import { matchBuckets } from '../../src/coco/match-buckets.ts';
import { readResults } from '../../src/coco/results.ts';
import { folderOf } from '../sources/npy-files.ts';

/** What became of one detection, as `test/files/coco` has it: the annotation's id, 0 for none; null if it took no part. */
export type Outcome = { readonly gt: number; readonly ignored: boolean } | null;

export const noBreath = async (): Promise<void> => {};

/** Reads and matches two files; one outcome an entry. */
export async function outcomesOf(
  files: { readonly results: string; readonly instances: string; readonly ids: readonly number[] },
  options: MatchOptions,
  buckets = 3,
): Promise<Outcome[]> {
  const scratch = folderOf();
  const truthFile = new JsonReader(files.instances, 'instances.json');
  const resultsFile = new JsonReader(files.results, 'results.json');
  try {
    const truth = await readAnnotations(truthFile, scratch, buckets, noBreath);
    const detections = await readResults(resultsFile, truth, scratch, noBreath);
    const outcomes = new Array<Outcome>(detections.entries).fill(null);
    await matchBuckets(
      truth,
      detections,
      options,
      ({ detection, truth: box, ignored }) => {
        outcomes[detection.entry] = { gt: box === null ? 0 : files.ids[box.annotation], ignored };
      },
      noBreath,
    );
    return outcomes;
  } finally {
    truthFile.close();
    resultsFile.close();
  }
}
