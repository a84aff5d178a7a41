import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookAtCoco } from '../../../src/coco/look.ts';
import { matchedDetections } from '../../../src/coco/matched-detections.ts';
import type { FuzzTarget } from '../target.ts';

const box = [10, 20, 30.5, 40];
const INSTANCES = JSON.stringify({
  info: { year: 2017 },
  images: [{ id: 1, width: 640 }, { id: 7 }],
  categories: [{ id: 3, name: 'cat' }],
  annotations: [
    { id: 1, image_id: 1, category_id: 3, bbox: box, area: 1220, iscrowd: 0 },
    { id: 2, image_id: 7, category_id: 3, bbox: box, area: 9, iscrowd: 1, segmentation: { counts: [1, 2] } },
  ],
});
const RESULTS = JSON.stringify([
  { image_id: 1, category_id: 3, bbox: box, score: 0.9 },
  { image_id: 1, category_id: 3, bbox: [0, 0, 5, 5], score: 0.25 },
  { image_id: 7, category_id: 3, bbox: box, score: 1, note: 'mine' },
]);
const WORDS = ['"image_id"', '"category_id"', '"bbox"', '"score"', '"images"', '"annotations"', '"iscrowd"', '"id"'];

/** The other of the two files is right, and lies beside the scratch files. */
const match = async (results: string, annotations: string, scratch: string): Promise<void> => {
  try {
    await matchedDetections(
      {
        results: { path: results, name: results },
        annotations: { path: annotations, name: annotations },
        match: { iou: 0.5, maxDetections: 100 },
        bins: 30,
        scratch,
      },
      { breathe: async () => {}, onEntries: async () => {} },
    );
  } finally {
    // a run removes its scratch folder
    for (const name of readdirSync(scratch)) rmSync(join(scratch, name));
  }
};

const beside = (scratch: string, content: string): string => {
  const path = join(scratch, 'beside.json');
  writeFileSync(path, content);
  return path;
};

export const COCO: readonly FuzzTarget[] = [
  {
    name: 'coco-results',
    file: 'results.json',
    seeds: () => [
      Buffer.from(RESULTS),
      readFileSync(new URL('../../files/coco/crowds.results.json', import.meta.url)).subarray(0, 3000),
    ],
    words: WORDS,
    read: async (path, scratch) => {
      await lookAtCoco(path, path);
      await match(path, beside(scratch, INSTANCES), scratch);
    },
  },
  {
    name: 'coco-annotations',
    file: 'instances.json',
    seeds: () => [Buffer.from(INSTANCES)],
    words: WORDS,
    read: async (path, scratch) => {
      await lookAtCoco(path, path);
      await match(beside(scratch, RESULTS), path, scratch);
    },
  },
];
