import { inputError } from '../errors.ts';
import type { FileIdentity } from '../sources/source.ts';
import { readAnnotations } from './annotations.ts';
import type { Breath } from './json-array.ts';
import { JsonReader } from './json-reader.ts';
import { ScoreLogits } from './logits.ts';
import type { MatchOptions } from './match.ts';
import { matchBuckets } from './match-buckets.ts';
import { LEFT_OUT, MATCHED, UNMATCHED, writeMatchedArrays } from './matched-arrays.ts';
import type { RecordWriter } from './records.ts';
import { readResults } from './results.ts';

/** A file as found, and as the user wrote it. */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

export interface MatchInputs {
  readonly results: NamedFile;
  readonly annotations: NamedFile;
  readonly match: MatchOptions;
  /** M: every score is put into its region of this many. */
  readonly bins: number;
  /** A folder for temporary files. */
  readonly scratch: string;
}

/** How the reading is watched. */
export interface Watch {
  /** Called every few MiB of the annotations, and between groups of images. */
  readonly breathe: () => Promise<void>;
  /** Called every few MiB of the results: how many entries were read, and about how many there will be. */
  readonly onEntries: (read: number, about: number) => Promise<void>;
}

/** Results as arrays of samples, one a detection, in the order of the entries. */
export interface MatchedDetections {
  /** Paths of .npy files in the scratch folder: float32 logits and int8 labels, -1 for what is left out. */
  readonly arrays: { readonly logits: string; readonly labels: string };
  /** The content of the labels file. */
  readonly labels: Int8Array;
  readonly scores: RecordWriter;
  readonly results: FileIdentity;
  readonly annotations: FileIdentity;
  /** Of the ground truth. */
  readonly boxes: number;
  readonly warnings: readonly string[];
}

/** Bytes of a file whose records are matched at a time. */
const BUCKET_BYTES = 1 << 24;
const MOST_BUCKETS = 256;

/**
 * Reads ground truth and results, matches them as COCOeval does, and writes what there is to count.
 *
 * In memory are the ids of images and categories, one byte a detection, and the boxes of one part of the images.
 *
 * @throws inputError for files that are not COCO's, or do not belong together
 */
export async function matchedDetections(inputs: MatchInputs, watch: Watch): Promise<MatchedDetections> {
  const { results, annotations, match, bins, scratch } = inputs;
  return withReader(annotations, async (truthFile) => {
    return withReader(results, async (resultsFile) => {
      const largest = Math.max(truthFile.identity.size, resultsFile.identity.size);
      const buckets = Math.min(MOST_BUCKETS, Math.ceil(largest / BUCKET_BYTES));
      const truth = await readAnnotations(truthFile, scratch, buckets, watch.breathe);
      const onEntries: Breath = (read) =>
        watch.onEntries(read, Math.round((read * resultsFile.identity.size) / resultsFile.position));
      const detections = await readResults(resultsFile, truth, scratch, onEntries);
      await watch.onEntries(detections.entries, detections.entries);

      const labels = new Int8Array(detections.entries).fill(LEFT_OUT);
      let crowds = 0;
      let counted = 0;
      const use = ({ detection, truth: box, ignored }: Parameters<Parameters<typeof matchBuckets>[3]>[0]) => {
        if (ignored) crowds++;
        else {
          counted++;
          labels[detection.entry] = box === null ? UNMATCHED : MATCHED;
        }
      };
      await matchBuckets(truth, detections, match, use, watch.breathe);
      if (counted === 0)
        throw inputError(
          `${results.name}: all ${crowds} detections that take part are matched to crowds; expected one that counts`,
        );

      const arrays = { logits: `${scratch}/logits.npy`, labels: `${scratch}/labels.npy` };
      writeMatchedArrays(arrays, detections.scores, labels, new ScoreLogits(bins));
      return {
        arrays,
        labels,
        scores: detections.scores,
        results: resultsFile.identity,
        annotations: truthFile.identity,
        boxes: truth.annotations,
        warnings: [
          ...unlistedWarnings(truth.images.undeclared, 'image', annotations.name),
          ...unlistedWarnings(truth.categories.undeclared, 'category', annotations.name),
          ...pastWarnings(labels.length - counted - crowds, match.maxDetections),
        ],
      };
    });
  });
}

async function withReader<T>({ path, name }: NamedFile, use: (reader: JsonReader) => Promise<T>): Promise<T> {
  const reader = new JsonReader(path, name);
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
}

function unlistedWarnings(count: number, noun: string, name: string): string[] {
  if (count === 0) return [];
  return [`${name}: ${count} ${noun} ids of its annotations are not listed in it; their boxes match nothing`];
}

function pastWarnings(count: number, most: number): string[] {
  if (count === 0) return [];
  return [
    `${count} detections are past the best ${most} of their class and image: left out with weight 0, as COCOeval leaves ` +
      'them out; see --max-dets',
  ];
}
