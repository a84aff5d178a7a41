import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtCoco } from '../../src/coco/look.ts';
import { inspect } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';

const coco = (name: string): Buffer => readFileSync(new URL(`../files/coco/bccd.${name}.json`, import.meta.url));
const RESULTS = coco('results');
const INSTANCES = coco('instances');
const { images, categories, annotations } = JSON.parse(INSTANCES.toString());
const detections: number = JSON.parse(RESULTS.toString()).length;
const grouped = (n: number): string => n.toLocaleString('en');

describe('inspect of COCO files', () => {
  it('counts their entries and says how they are run', async () => {
    const folder = folderOf({ 'r.json': RESULTS, 'i.json': INSTANCES });
    const { exitCode, stdout } = await runGhm(['inspect', 'r.json', 'i.json'], folder);
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n');
    expect(lines).toContain(
      `coco_results: an array of ${grouped(detections)} detections of image_id, category_id, bbox and score`,
    );
    expect(lines).toContain(
      `coco_annotations: ground truth of ${images.length} images, ${categories.length} categories, ${grouped(annotations.length)} annotations`,
    );
    expect(lines).toContain('Each detection is a sample, matched to the ground truth.');
    expect(lines).toContain('Run: ghm reweight --coco-results r.json --coco-annotations i.json --out weights');
  });

  it.each([
    [
      'results',
      RESULTS,
      [detections],
      'COCO results need their ground truth beside it: ghm reweight --coco-results x.json --coco-annotations INSTANCES.json --out weights',
    ],
    [
      'annotations',
      INSTANCES,
      [annotations.length],
      'COCO ground truth needs results beside it: ghm reweight --coco-results RESULTS.json --coco-annotations x.json --out weights',
    ],
  ])('of %s alone', async (kind, content, shape, advice) => {
    const folder = folderOf({ 'x.json': content });
    const { files, reading } = await inspect(join(folder, 'x.json'));
    expect(files).toMatchObject([
      { format: 'coco', dtype: 'json', role: `coco_${kind}`, shape, bytes: content.length, packed: false },
    ]);
    expect(reading.map((line) => line.replaceAll(`${folder}/`, ''))).toEqual([advice]);
  });

  it('takes other JSON for what it is, and tells what is damaged', async () => {
    const look = (content: string | Uint8Array) =>
      lookAtCoco(join(folderOf({ 'x.json': content }), 'x.json'), 'x.json');
    for (const other of ['{"format":"ghm.density/1"}', '[]', '[1,2]', '[{"image_id":1}]', '7', '{', '[{"a"']) {
      expect(await look(other).catch((error: Error) => error.message), other).toEqual(
        other === '[{"a"' ? expect.stringMatching(/^x\.json: the file ends at byte 5 within entry 0\./) : null,
      );
    }
    await expect(look(RESULTS.subarray(0, 1000))).rejects.toThrow(
      /^x\.json: the file ends at byte 1000 within entry \d+\. Was it copied or written to the end\?$/,
    );
    await expect(look(INSTANCES.subarray(0, INSTANCES.length - 20))).rejects.toMatchObject({ exitCode: 3 });
  });
});
