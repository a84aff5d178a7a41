import { inputError } from '../errors.ts';
import type { GroundTruth } from './annotations.ts';
import type { Ids } from './ids.ts';
import { type Breath, checkEnds, eachElement } from './json-array.ts';
import { Fields, type Id } from './json-fields.ts';
import type { JsonReader } from './json-reader.ts';
import { OPEN_ARRAY, OPEN_OBJECT } from './json-value-end.ts';
import type { Detection } from './match.ts';
import { Buckets, RecordWriter, readRecords } from './records.ts';

/** What results hold, on the disk. */
export interface Detections {
  /** Detections, spread by the number of their image. */
  readonly boxes: Buckets;
  /** One score a detection, in order. */
  readonly scores: RecordWriter;
  readonly entries: number;
}

/** A detection with the numbers of its image and its category. */
export interface LocatedDetection {
  readonly image: number;
  readonly category: number;
  readonly detection: Detection;
}

/** image, category, entry, score, x, y, width, height */
const RECORD_WIDTH = 8;
/** The keys that `ghm` adds to an entry. */
export const WEIGHT_KEY = 'ghm_weight';
export const NORM_KEY = 'ghm_gradient_norm';

/**
 * Reads COCO results, an array of `{image_id, category_id, bbox, score}`; other fields are no concern of this.
 *
 * @param scratch a folder for temporary files
 * @throws inputError for anything else, and for ids that the ground truth lacks
 */
export async function readResults(
  reader: JsonReader,
  truth: GroundTruth,
  scratch: string,
  breathe: Breath,
): Promise<Detections> {
  const { name } = reader;
  if (reader.peek() !== OPEN_ARRAY) throw notResults(reader);
  const boxes = new Buckets(`${scratch}/detections`, truth.boxes.files.length, RECORD_WIDTH);
  const scores = new RecordWriter(`${scratch}/scores.f64`, 1);
  const strays = [new Strays(truth.images), new Strays(truth.categories)] as const;

  const entries = await eachElement(
    reader,
    'entry',
    (bytes, entry, at) => {
      const fields = new Fields(bytes, () => `${name}, entry ${entry} (byte ${at})`);
      const image = strays[0].numberOf(fields.id('image_id'), entry);
      const category = strays[1].numberOf(fields.id('category_id'), entry);
      const score = fields.score();
      const { x, y, width, height } = fields.box();
      for (const key of [WEIGHT_KEY, NORM_KEY]) {
        if (fields.has(key))
          throw fields.error(
            `has ${key} already; give the results as the detector wrote them, not those of an earlier run`,
          );
      }
      scores.add(score);
      boxes.add(image, image, category, entry, score, x, y, width, height);
    },
    breathe,
  );
  checkEnds(reader);
  reader.checkUnchanged();
  if (entries === 0) throw inputError(`${name}: is an empty array; expected at least one detection`);
  const messages = strays.flatMap((stray) => stray.messages());
  if (messages.length > 0) throw inputError(`${name}: ${messages.join('; ')}. Do the two files belong together?`);
  boxes.flush();
  scores.flush();
  return { boxes, scores, entries };
}

/** What was kept in one file of `boxes`, in the order of the entries. */
export function* detectionsIn(file: RecordWriter): Generator<LocatedDetection> {
  for (const [image, category, entry, score, x, y, width, height] of readRecords(file)) {
    yield { image, category, detection: { entry, score, box: { x, y, width, height } } };
  }
}

const MOST_NAMED = 3;

/** Counts the entries whose id the ground truth lacks. */
class Strays {
  private readonly ids: Ids;
  private readonly named: Id[] = [];
  private firstEntry = 0;
  private entries = 0;
  private more = false;

  constructor(ids: Ids) {
    this.ids = ids;
  }

  /** The number of an id; 0 for one that the ground truth lacks, which will end the run. */
  numberOf(id: Id, entry: number): number {
    if (this.ids.has(id)) return this.ids.numberOf(id);
    if (this.entries === 0) this.firstEntry = entry;
    this.entries++;
    if (!this.named.includes(id)) {
      if (this.named.length < MOST_NAMED) this.named.push(id);
      else this.more = true;
    }
    return 0;
  }

  messages(): string[] {
    if (this.entries === 0) return [];
    const { noun, file } = this.ids;
    const ids = this.named.map((id) => JSON.stringify(id)).join(', ');
    const entries = this.entries === 1 ? '1 entry has' : `${this.entries} entries have`;
    return [
      `${entries} ${noun === 'image' ? 'an' : 'a'} ${noun}_id that ${file} lacks: ${ids}${this.more ? ' and more' : ''}, first at entry ${this.firstEntry}`,
    ];
  }
}

function notResults(reader: JsonReader): Error {
  if (reader.peek() !== OPEN_OBJECT) return reader.unexpected('"[", COCO results as a JSON array');
  return inputError(
    `${reader.name}: is a JSON object; expected COCO results, an array of {image_id, category_id, bbox, score}. Are ` +
      '--coco-results and --coco-annotations the wrong way round?',
  );
}
