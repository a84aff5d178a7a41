import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Buckets, RecordWriter, readRecords } from '../../src/coco/records.ts';
import { folderOf } from '../sources/npy-files.ts';
import { outcomesOf } from './matching.ts';

/** Copies, for what is read is used again. */
const all = (file: RecordWriter): number[][] => {
  const records: number[][] = [];
  for (const record of readRecords(file)) records.push([...record]);
  return records;
};

describe('records on the disk', () => {
  it.each([0, 1, 8191, 8192, 8193, 20_000])('%i of one double come back in order', (count) => {
    const writer = new RecordWriter(`${folderOf()}/r`, 1);
    for (let i = 0; i < count; i++) writer.add(i * 0.1);
    expect(writer.records).toBe(count);
    writer.flush();
    expect(existsSync(writer.path)).toBe(true);
    expect(all(writer)).toEqual(Array.from({ length: count }, (_, i) => [i * 0.1]));
  });

  it('of one number lie in one bucket, in order', () => {
    const buckets = new Buckets(`${folderOf()}/b`, 3, 2);
    for (let i = -5000; i < 5000; i++) buckets.add(i, i, 2 * i);
    buckets.flush();
    const found = buckets.files.map(all);
    expect(found.map((records) => records.length)).toEqual([3333, 3334, 3333]);
    for (const records of found) {
      const [[first]] = records;
      records.forEach(([value, twice], i) => {
        if (value !== first + 3 * i || twice !== 2 * value) throw new Error(`${value} at ${i}`);
      });
    }
  });
});

it('ground truth and results of many pieces are read whole', async () => {
  const count = 20_000;
  const boxes = Array.from({ length: count }, (_, i) => ({
    image_id: i % 100,
    category_id: 1 + (i % 3),
    bbox: [10 * i, 0, 10, 10],
  }));
  const ids = boxes.map((_, i) => 3 * count - i);
  const instances = {
    images: Array.from({ length: 100 }, (_, id) => ({ id })),
    categories: [1, 2, 3].map((id) => ({ id })),
    annotations: boxes.map((box, i) => ({ ...box, id: ids[i], area: 100, iscrowd: 0 })),
  };
  const folder = folderOf({
    'i.json': JSON.stringify(instances),
    'r.json': JSON.stringify(boxes.map((box) => ({ ...box, score: 0.5 }))),
  });
  const files = { results: `${folder}/r.json`, instances: `${folder}/i.json`, ids };
  const outcomes = await outcomesOf(files, { iou: 0.5, maxDetections: 1000 }, 1);
  expect(outcomes).toEqual(ids.map((id) => ({ gt: id, ignored: false })));
});
