import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CocoReweightOptions, reweight } from '../../src/index.ts';
import { treeOf } from '../run/folder-tree.ts';
import { failure } from '../run/small-place.ts';
import { folderOf } from '../sources/npy-files.ts';

const TRUTH = {
  images: [{ id: 1 }, { id: 2 }],
  categories: [{ id: 5 }],
  annotations: [{ id: 1, image_id: 1, category_id: 5, bbox: [0, 0, 10, 10], area: 100, iscrowd: 0 }],
};
const ENTRY = { image_id: 1, category_id: 5, bbox: [0, 0, 10, 10], score: 0.5 };
const entry = (more: object): string => JSON.stringify([ENTRY, { ...ENTRY, ...more }]);
const truth = (more: object): string => JSON.stringify({ ...TRUTH, ...more });
const annotation = (more: object): string => truth({ annotations: [{ ...TRUTH.annotations[0], ...more }] });
const without = (key: string): string => entry({ [key]: undefined });

const FIRST = JSON.stringify(ENTRY);
/** Where the second entry begins. */
const AT = `r.json, entry 1 (byte ${FIRST.length + 2})`;
const BOX = 'expected bbox to be [x, y, width, height], finite, sizes not negative, found';

const BAD_RESULTS: readonly (readonly [string, string, string])[] = [
  ['empty file', '', 'r.json: is empty (0 bytes)'],
  [
    'no JSON',
    'image_id,score\n',
    'r.json, byte 0: not JSON: expected "[", COCO results as a JSON array, found "image_id,score\\n"',
  ],
  [
    'an object',
    JSON.stringify(TRUTH),
    'r.json: is a JSON object; expected COCO results, an array of {image_id, category_id, bbox, score}. Are ' +
      '--coco-results and --coco-annotations the wrong way round?',
  ],
  ['an empty array', ' [ ] ', 'r.json: is an empty array; expected at least one detection'],
  ['an entry that is a number', '[1]', 'r.json, entry 0 (byte 1): expected an object, found 1'],
  ['an entry that is null', '[null]', 'r.json, entry 0 (byte 1): expected an object, found null'],
  ['an entry that is an array', `[${FIRST},[]]`, `${AT}: expected an object, found []`],
  ['a comma too many', `[${FIRST},]`, `r.json, byte ${FIRST.length + 2}: not JSON: expected entry 1, found "]"`],
  [
    'a missing comma',
    `[${FIRST}{}]`,
    `r.json, byte ${FIRST.length + 1}: not JSON: expected "," or "]" behind entry 0, found "{}]"`,
  ],
  [
    'something behind the array',
    `[${FIRST}] x`,
    `r.json, byte ${FIRST.length + 3}: not JSON: expected nothing more, found "x"`,
  ],
  [
    'an array that does not end',
    `[${FIRST}`,
    `r.json, byte ${FIRST.length + 1}: the file ends here; expected "," or "]" behind entry 0. Was it copied or written to the end?`,
  ],
  [
    'an entry that does not end',
    `[${FIRST.slice(0, 20)}`,
    'r.json: the file ends at byte 21 within entry 0. Was it copied or written to the end?',
  ],
  ['a bracket of the wrong kind', '[{"a": 1]]', 'r.json, entry 0 (byte 1): not JSON: found {"a": 1]'],
  [
    'NaN',
    `[${FIRST.replace('0.5', 'NaN')}]`,
    'r.json, entry 0 (byte 1): not JSON: found NaN, a number that JSON does not have; drop the entry or mend its numbers',
  ],
  [
    '-Infinity',
    `[${FIRST.replace('[0,', '[-Infinity,')}]`,
    'r.json, entry 0 (byte 1): not JSON: found -Infinity, a number that JSON does not have; drop the entry or mend its numbers',
  ],
  [
    'a number past all numbers',
    `[${FIRST.replace('[0,', '[1e999,')}]`,
    `r.json, entry 0 (byte 1): ${BOX} ["Infinity",0,10,10]`,
  ],
  [
    'a score above 1',
    entry({ score: 1.5 }),
    `${AT}: expected score to be a number from 0 to 1, found 1.5. If these are logits, give their sigmoid`,
  ],
  [
    'a score below 0',
    entry({ score: -1e-9 }),
    `${AT}: expected score to be a number from 0 to 1, found -1e-9. If these are logits, give their sigmoid`,
  ],
  ['a score in quotes', entry({ score: '0.5' }), `${AT}: expected score to be a number from 0 to 1, found "0.5"`],
  ['no score', without('score'), `${AT}: expected score to be a number from 0 to 1, found nothing`],
  ['no image', without('image_id'), `${AT}: expected image_id to be an integer or a text, found nothing`],
  [
    'an image that is half one',
    entry({ image_id: 1.5 }),
    `${AT}: expected image_id to be an integer or a text, found 1.5`,
  ],
  [
    'a category that is true',
    entry({ category_id: true }),
    `${AT}: expected category_id to be an integer or a text, found true`,
  ],
  ['a box of three', entry({ bbox: [0, 0, 1] }), `${AT}: ${BOX} [0,0,1]`],
  ['a box of texts', entry({ bbox: ['0', 0, 1, 1] }), `${AT}: ${BOX} ["0",0,1,1]`],
  ['a box of negative width', entry({ bbox: [0, 0, -1, 1] }), `${AT}: ${BOX} [0,0,-1,1]`],
  ['a box of negative height', entry({ bbox: [0, 0, 1, -0.5] }), `${AT}: ${BOX} [0,0,1,-0.5]`],
  ['no box', without('bbox'), `${AT}: ${BOX} nothing`],
  [
    'masks',
    entry({ bbox: undefined, segmentation: {} }),
    `${AT}: ${BOX} nothing. It has segmentation; only boxes are matched: give the bbox results of the same detections`,
  ],
  [
    'keypoints',
    entry({ bbox: undefined, keypoints: [1, 2, 2] }),
    `${AT}: ${BOX} nothing. It has keypoints; only boxes are matched: give the bbox results of the same detections`,
  ],
  [
    'results of an earlier run',
    entry({ ghm_weight: 1 }),
    `${AT}: has ghm_weight already; give the results as the detector wrote them, not those of an earlier run`,
  ],
  [
    'fields of a prototype',
    '[{"__proto__": {"image_id": 1, "category_id": 5, "bbox": [0, 0, 1, 1], "score": 1}}]',
    'r.json, entry 0 (byte 1): expected image_id to be an integer or a text, found nothing',
  ],
  [
    'unknown images',
    JSON.stringify([ENTRY, ...[7, 8, 7, 9, 10].map((image_id) => ({ ...ENTRY, image_id }))]),
    'r.json: 5 entries have an image_id that i.json lacks: 7, 8, 9 and more, first at entry 1. Do the two files belong together?',
  ],
  [
    'an image as a text',
    entry({ image_id: '1', category_id: 'constructor' }),
    'r.json: 1 entry has an image_id that i.json lacks: "1", first at entry 1; 1 entry has a category_id that i.json lacks: "constructor", first at entry 1. Do the two files belong together?',
  ],
  [
    'bytes that are no UTF-8',
    '[{"a": "\xff"}]',
    'r.json, entry 0 (byte 1): not JSON: expected UTF-8, found other bytes',
  ],
  [
    'deep nesting',
    `[{"a": ${'['.repeat(100_000)}`,
    'r.json, entry 0 (byte 1): brackets are nested more than 1000 deep; expected COCO data',
  ],
];

const BAD_TRUTHS: readonly (readonly [string, string, string])[] = [
  [
    'an array',
    `[${FIRST}]`,
    'i.json: is a JSON array; expected COCO ground truth, an object of images, categories and annotations. Are ' +
      '--coco-results and --coco-annotations the wrong way round?',
  ],
  [
    'a text',
    '"images"',
    'i.json, byte 0: not JSON: expected "{", COCO ground truth as a JSON object, found "\\"images\\""',
  ],
  [
    'an empty object',
    '{}',
    'i.json: has no "images" and no "categories" and no "annotations"; expected COCO ground truth, an object with the ' +
      'arrays "images", "categories" and "annotations"',
  ],
  [
    'no categories',
    truth({ categories: undefined }),
    'i.json: has no "categories"; expected COCO ground truth, an object with the arrays "images", "categories" and ' +
      '"annotations"',
  ],
  ['images that are none', '{"images": 3}', 'i.json, byte 11: not JSON: expected an array of images, found "3}"'],
  ['images twice', '{"images": [], "images": []}', 'i.json: has "images" twice; expected it once'],
  [
    'an image twice',
    truth({ images: [{ id: 1 }, { id: 1 }] }),
    'i.json, image 1 (byte 20): the id 1 is that of another image too',
  ],
  [
    'a category without an id',
    truth({ categories: [{ name: 'x' }] }),
    'i.json, category 0 (byte 44): expected id to be an integer or a text, found nothing',
  ],
  [
    'an annotation twice',
    truth({ annotations: [TRUTH.annotations[0], { ...TRUTH.annotations[0], image_id: 2 }] }),
    'i.json: the annotation id 1 occurs more than once; expected each once',
  ],
  [
    'an annotation of negative size',
    annotation({ bbox: [0, 0, 1, -1] }),
    `i.json, annotation 0 (byte 69): ${BOX} [0,0,1,-1]`,
  ],
  [
    'an area that is none',
    annotation({ area: 'big' }),
    'i.json, annotation 0 (byte 69): expected area to be a finite number of 0 or more, found "big"',
  ],
  [
    'a crowd that is half one',
    annotation({ iscrowd: 0.5 }),
    'i.json, annotation 0 (byte 69): expected iscrowd to be 0 or 1, found 0.5',
  ],
  ['no value', '{"images"}', 'i.json, byte 9: not JSON: expected ":" behind "images", found "}"'],
  ['no key', '{1: 2}', 'i.json, byte 1: not JSON: expected a key in quotes, found "1: 2}"'],
  [
    'an end in what is passed over',
    '{"info": {"a": [',
    'i.json: the file ends at byte 16 within "info". Was it copied or written to the end?',
  ],
];

function place(results: string | Uint8Array, instances: string | Uint8Array) {
  const folder = folderOf({ 'in/r.json': results, 'in/i.json': instances });
  const options: CocoReweightOptions = {
    cocoResults: join(folder, 'in/r.json'),
    cocoAnnotations: join(folder, 'in/i.json'),
    out: join(folder, 'out'),
    threads: 1,
  };
  return { folder, options };
}

/** The message with the folder of the case taken out of its names. */
async function refusal(results: string | Uint8Array, instances: string | Uint8Array): Promise<string> {
  const { folder, options } = place(results, instances);
  const before = treeOf(folder);
  const { exitCode, message } = await failure(reweight(options));
  expect(exitCode, message).toBe(3);
  expect(treeOf(folder)).toEqual(before);
  return message.replaceAll(`${folder}/in/`, '');
}

describe('bad results: exit code 3, where and what, and nothing written', () => {
  it.each(BAD_RESULTS)('%s', async (_, results, message) => {
    const bytes = Buffer.from(results, results.includes('\xff') ? 'latin1' : 'utf8');
    expect(await refusal(bytes, truth({}))).toContain(message);
  });
});

describe('bad ground truth: the same', () => {
  it.each(BAD_TRUTHS)('%s', async (_, instances, message) => {
    expect(await refusal(`[${FIRST}]`, instances)).toBe(message);
  });
});

describe('files cut off', () => {
  it('anywhere in the results', async () => {
    const text = `[${FIRST}, ${FIRST}]`;
    for (let length = 1; length < text.length; length++) {
      expect(await refusal(text.slice(0, length), truth({}))).toMatch(/^r\.json.*the file ends/);
    }
  });

  it('anywhere in the ground truth', async () => {
    const text = truth({ info: { text: 'a "quoted" \\ word' } });
    for (let length = 1; length < text.length; length += 3) {
      expect(await refusal(`[${FIRST}]`, text.slice(0, length))).toMatch(/^i\.json.*the file ends/);
    }
  });
});

it('no prototype is touched by what is in the files', async () => {
  const trap = '"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}';
  const results = `[{${trap}, ${FIRST.slice(1)}]`;
  const instances = `{${trap}, ${truth({}).slice(1)}`;
  const { options } = place(results, instances);
  await reweight(options);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});
