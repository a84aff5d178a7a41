import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import type { InspectedFile } from '../options/results.ts';
import { readSections, SECTIONS, type Section } from './annotation-sections.ts';
import { eachElement } from './json-array.ts';
import { JsonReader } from './json-reader.ts';
import { OPEN_ARRAY, OPEN_OBJECT } from './json-value-end.ts';

/** How much of a file is counted: about a second. */
const MOST_BYTES = 1 << 27;
const ENTRY_KEYS = ['image_id', 'category_id', 'bbox', 'score'];

/** How far counting came. */
interface Count {
  elements: number;
  /** Whether it ended at `MOST_BYTES`. */
  cut: boolean;
}

/** Ends the counting of a large file. */
class Enough extends Error {}

/**
 * What a JSON file is to `--coco-results` and `--coco-annotations`: how many entries it has, or its first 128 MiB have.
 * `null` where it is neither.
 *
 * @throws inputError where it is one of the two, and damaged
 */
export async function lookAtCoco(
  path: string,
  name: string,
  breathe: Breathe = breathing(),
): Promise<InspectedFile | null> {
  const reader = new JsonReader(path, name);
  try {
    const first = reader.peek();
    if (first === OPEN_ARRAY) return await lookAtResults(reader, breathe);
    return first === OPEN_OBJECT ? await lookAtAnnotations(reader, breathe) : null;
  } finally {
    reader.close();
  }
}

async function lookAtResults(reader: JsonReader, breathe: Breathe): Promise<InspectedFile | null> {
  let isResults = false;
  const count = await counted(reader, 'entry', breathe, (bytes, index) => {
    if (index > 0) return;
    isResults = hasKeys(bytes, ENTRY_KEYS);
    if (!isResults) throw new Enough();
  });
  if (!isResults) return null;
  const entries = `${count.elements.toLocaleString('en')} detections of image_id, category_id, bbox and score`;
  return found(reader, 'coco_results', count, `an array of ${entries}`);
}

async function lookAtAnnotations(reader: JsonReader, breathe: Breathe): Promise<InspectedFile | null> {
  const counts: Partial<Record<Section, Count>> = {};
  try {
    await readSections(reader, async (section) => {
      const count = await counted(reader, SECTIONS[section], breathe, () => undefined);
      counts[section] = count;
      if (count.cut) throw new Enough();
    });
  } catch (error) {
    // some other object, such as a density.json
    if (Object.keys(counts).length === 0) return null;
    if (!(error instanceof Enough)) throw error;
  }
  const said = (Object.keys(SECTIONS) as Section[]).flatMap((section) => {
    const count = counts[section];
    return count === undefined ? [] : [`${count.elements.toLocaleString('en')} ${section}`];
  });
  const { annotations = { elements: 0, cut: true } } = counts;
  return found(reader, 'coco_annotations', annotations, `ground truth of ${said.join(', ')}`);
}

/** Counts the elements of the array at the reader, as far as it is looked at. */
async function counted(
  reader: JsonReader,
  noun: string,
  breathe: Breathe,
  use: (bytes: Buffer, index: number) => void,
): Promise<Count> {
  const count: Count = { elements: 0, cut: false };
  const visit = (bytes: Buffer, index: number): void => {
    use(bytes, index);
    count.elements = index + 1;
  };
  try {
    await eachElement(reader, noun, visit, async () => {
      if (reader.position > MOST_BYTES) throw new Enough();
      await breathe();
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    count.cut = true;
  }
  return count;
}

function hasKeys(bytes: Buffer, keys: readonly string[]): boolean {
  try {
    const entry: unknown = JSON.parse(bytes.toString());
    return typeof entry === 'object' && entry !== null && keys.every((key) => Object.hasOwn(entry, key));
  } catch {
    return false;
  }
}

function found(
  { name, identity }: JsonReader,
  role: 'coco_results' | 'coco_annotations',
  { elements, cut }: Count,
  what: string,
): InspectedFile {
  if (elements === 0 && !cut) throw inputError(`${name}: has no entries; expected at least one`);
  return {
    path: name,
    format: 'coco',
    dtype: 'json',
    shape: [elements],
    byteOrder: 'none',
    role,
    why: cut ? `${what}, in its first ${MOST_BYTES >> 20} MiB` : what,
    bytes: identity.size,
    packed: false,
  };
}
