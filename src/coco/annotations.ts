import { inputError } from '../errors.ts';
import { readSections, SECTIONS, type Section } from './annotation-sections.ts';
import { Ids } from './ids.ts';
import { areaOf } from './iou.ts';
import { type Breath, eachElement, type UseElement } from './json-array.ts';
import { Fields } from './json-fields.ts';
import type { JsonReader } from './json-reader.ts';
import type { Truth } from './match.ts';
import { Buckets, type RecordWriter, readRecords } from './records.ts';

/** What ground truth holds: ids in memory, boxes on the disk. */
export interface GroundTruth {
  /** The file's name, for messages. */
  readonly name: string;
  readonly images: Ids;
  readonly categories: Ids;
  /** Annotations, spread by the number of their image. */
  readonly boxes: Buckets;
  readonly annotations: number;
}

/** A box with the numbers of its image and its category. */
export interface LocatedTruth {
  readonly image: number;
  readonly category: number;
  readonly truth: Truth;
}

/** image, category, annotation, x, y, width, height, area, crowd */
const RECORD_WIDTH = 9;

/**
 * Reads COCO ground truth: an object with the arrays `images`, `categories` and `annotations`, in any order.
 *
 * @param scratch a folder for temporary files
 * @param buckets how many files the boxes are spread over
 * @throws inputError for anything else, for ids that occur twice, and for boxes that are none
 */
export async function readAnnotations(
  reader: JsonReader,
  scratch: string,
  buckets: number,
  breathe: Breath,
): Promise<GroundTruth> {
  const { name } = reader;
  const images = new Ids('image', name);
  const categories = new Ids('category', name);
  const boxes = new Buckets(`${scratch}/truth`, buckets, RECORD_WIDTH);
  const ids = new Buckets(`${scratch}/ids`, buckets, 1);
  const place = (section: Section, index: number, at: number) => () =>
    `${name}, ${SECTIONS[section]} ${index} (byte ${at})`;

  const declare =
    (section: Section, listed: Ids): UseElement =>
    (bytes, index, at) => {
      const fields = new Fields(bytes, place(section, index, at));
      const id = fields.id('id');
      if (!listed.declare(id)) throw fields.error(`the id ${JSON.stringify(id)} is that of another ${listed.noun} too`);
    };
  const keepBox: UseElement = (bytes, index, at) => {
    const fields = new Fields(bytes, place('annotations', index, at));
    const image = images.numberOf(fields.id('image_id'));
    const category = categories.numberOf(fields.id('category_id'));
    const id = fields.integer('id');
    const box = fields.box();
    const { x, y, width, height } = box;
    const area = fields.size('area', areaOf(box));
    ids.add(id, id);
    boxes.add(image, image, category, index, x, y, width, height, area, Number(fields.flag('iscrowd')));
  };

  let annotations = 0;
  const use: Record<Section, UseElement> = {
    images: declare('images', images),
    categories: declare('categories', categories),
    annotations: keepBox,
  };
  await readSections(reader, async (section) => {
    const count = await eachElement(reader, SECTIONS[section], use[section], breathe);
    if (section === 'annotations') annotations = count;
  });
  reader.checkUnchanged();
  boxes.flush();
  ids.flush();
  checkUnique(ids, name);
  return { name, images, categories, boxes, annotations };
}

/** What was kept in one file of `boxes`, in the order of the annotations. */
export function* truthsIn(file: RecordWriter): Generator<LocatedTruth> {
  for (const [image, category, annotation, x, y, width, height, area, crowd] of readRecords(file)) {
    yield {
      image,
      category,
      truth: { annotation, box: { x, y, width, height }, area, isCrowd: crowd === 1 },
    };
  }
}

function checkUnique(ids: Buckets, name: string): void {
  for (const file of ids.files) {
    const sorted = new Float64Array(file.records);
    let read = 0;
    for (const [id] of readRecords(file)) sorted[read++] = id;
    sorted.sort();
    const twice = sorted.find((id, i) => id === sorted[i - 1]);
    if (twice !== undefined)
      throw inputError(`${name}: the annotation id ${twice} occurs more than once; expected each once`);
  }
}
