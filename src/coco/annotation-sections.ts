import { inputError } from '../errors.ts';
import { checkBegins, checkEnds } from './json-array.ts';
import type { JsonReader } from './json-reader.ts';
import { CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-value-end.ts';

/** The arrays of COCO ground truth that say what is where, and what one of each is called. */
export const SECTIONS = { images: 'image', categories: 'category', annotations: 'annotation' } as const;
export type Section = keyof typeof SECTIONS;

const NAMES: readonly Section[] = ['images', 'categories', 'annotations'];
const MOST_KEY_BYTES = 1000;

/**
 * Walks over the object at the reader and hands over each of the three arrays when it is met. All else is passed over.
 *
 * @param use reads the array, whose `[` the reader is at, to its end
 * @throws inputError where the file is no such object, or lacks one of the arrays, or has one twice
 */
export async function readSections(reader: JsonReader, use: (section: Section) => Promise<void>): Promise<void> {
  if (reader.peek() !== OPEN_OBJECT) throw notGroundTruth(reader);
  reader.take();
  const met = new Set<Section>();
  if (reader.peek() === CLOSE_OBJECT) reader.take();
  else {
    for (let byte = COMMA; byte === COMMA; reader.take()) {
      const key = readKey(reader);
      const section = NAMES.find((name) => name === key);
      checkBegins(reader, `the value of ${JSON.stringify(key)}`);
      if (section === undefined) reader.skip(() => JSON.stringify(key));
      else {
        if (met.has(section))
          throw inputError(`${reader.name}: has ${JSON.stringify(section)} twice; expected it once`);
        met.add(section);
        if (reader.peek() !== OPEN_ARRAY) throw reader.unexpected(`an array of ${section}`);
        await use(section);
      }
      byte = reader.peek();
      if (byte !== COMMA && byte !== CLOSE_OBJECT) throw reader.unexpected(`"," or "}" behind ${JSON.stringify(key)}`);
    }
  }
  checkEnds(reader);
  const missing = NAMES.filter((name) => !met.has(name)).map((name) => JSON.stringify(name));
  if (missing.length > 0) {
    throw inputError(
      `${reader.name}: has no ${missing.join(' and no ')}; expected COCO ground truth, an object with the arrays "images", ` +
        '"categories" and "annotations"',
    );
  }
}

function readKey(reader: JsonReader): string {
  if (reader.peek() !== QUOTE) throw reader.unexpected('a key in quotes');
  const bytes = reader.value(() => 'a key');
  let key: unknown;
  try {
    key = JSON.parse(bytes.toString());
  } catch {
    // said below
  }
  if (typeof key !== 'string' || bytes.length > MOST_KEY_BYTES)
    throw inputError(`${reader.name}: not JSON: expected a short key before byte ${reader.position}`);
  if (reader.peek() !== COLON) throw reader.unexpected(`":" behind ${JSON.stringify(key)}`);
  reader.take();
  return key;
}

function notGroundTruth(reader: JsonReader): Error {
  if (reader.peek() !== OPEN_ARRAY) return reader.unexpected('"{", COCO ground truth as a JSON object');
  return inputError(
    `${reader.name}: is a JSON array; expected COCO ground truth, an object of images, categories and annotations. Are ` +
      '--coco-results and --coco-annotations the wrong way round?',
  );
}
