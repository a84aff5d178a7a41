import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type OutliersOptions, reweight } from '../../src/index.ts';
import { outliersInShards } from '../../src/run/outliers.ts';
import { seeded } from '../kernels/implementations.ts';
import { npy, readFloats } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { normOf } from './naive.ts';

const ROWS = 20_000;
const IMAGES = 50;
const SHARD = 7001;
const CLASSES = 3;

/** Three files, many shards: coarse logits, so that many are equal; images of 1,000 rows, which come again. */
function place() {
  const files: Record<string, Uint8Array> = {};
  const z: number[][] = [];
  for (const number of [0, 1, 2]) {
    const next = seeded(number);
    const logits = Float32Array.from({ length: ROWS * CLASSES }, () => (next() % 4096) / 256 - 8);
    const labels = Int8Array.from({ length: ROWS }, () =>
      next() % 50 === 0 ? -1 : next() % 20 === 0 ? next() % 3 : 3,
    );
    const images = Int32Array.from({ length: ROWS }, (_, row) => Math.floor((number * ROWS + row) / 1000) % IMAGES);
    files[`x${number}.npy`] = npy('float32', [ROWS, CLASSES], logits);
    files[`y${number}.npy`] = npy('int8', [ROWS], labels);
    files[`i${number}.npy`] = npy('int32', [ROWS], images);
    z.push(
      Array.from(logits, (x, i) => {
        const label = labels[Math.floor(i / CLASSES)];
        return label === -1 ? Number.NaN : label === i % CLASSES ? 0 - x : x;
      }),
    );
  }
  const folder = folderOf(files);
  const at = (pattern: string) => join(folder, pattern);
  return { folder, z, input: { logits: at('x*.npy'), labels: at('y*.npy'), columns: { image_id: at('i*.npy') } } };
}

const imageOf = (file: number, sample: number): number =>
  Math.floor((file * ROWS + Math.floor(sample / CLASSES)) / 1000) % IMAGES;

it('the result is the definition, whatever the number of threads', { timeout: 30_000 }, async () => {
  const { folder, z, input } = place();
  const all = z.flatMap((values, file) => values.map((value, sample) => ({ value, file, sample })));
  const hard = all.filter(({ value }) => value >= 6).sort((a, b) => b.value - a.value);
  const expected = (samples: typeof hard) =>
    samples.map(({ file, sample }) => [join(folder, `x${file}.npy`), Math.floor(sample / CLASSES), sample % CLASSES]);
  const perGroup = (groupOf: (sample: (typeof hard)[number]) => number, groups: number, top: number) =>
    Array.from({ length: groups }, (_, group) =>
      hard.filter((sample) => groupOf(sample) === group).slice(0, top),
    ).flat();

  const queries: [OutliersOptions, typeof hard][] = [
    [{ top: 500 }, hard.slice(0, 500)],
    [{ per: 'class', top: 300 }, perGroup(({ sample }) => sample % CLASSES, CLASSES, 300)],
    [{ per: 'file', top: 100, minG: normOf(6) }, perGroup(({ file }) => file, 3, 100)],
    [{ per: 'image_id', top: 3 }, perGroup(({ file, sample }) => imageOf(file, sample), IMAGES, 3)],
  ];
  for (const [query, samples] of queries) {
    for (const threads of [1, 2, 3]) {
      const { rows } = await outliersInShards({ ...input, ...query, threads }, SHARD);
      expect(rows.map((row) => [row.file, row.row, row.class])).toEqual(expected(samples));
    }
  }
});

it('images are ranked by the sum of beta times cross-entropy, the same for any threads', {
  timeout: 60_000,
}, async () => {
  const { folder, z, input } = place();
  const out = join(folder, 'out');
  const { columns: _, ...stream } = input;
  const { density } = await reweight({ ...stream, out, bins: 10 });
  const losses = new Array<number>(IMAGES).fill(0);
  z.forEach((values, file) => {
    const beta = readFloats(join(out, `x${file}.beta.npy`)).values;
    values.forEach((value, sample) => {
      if (Number.isNaN(value)) return;
      losses[imageOf(file, sample)] += beta[sample] * (Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))));
    });
  });
  const ranked = await Promise.all(
    [1, 2, 3].map((threads) =>
      outliersInShards({ ...input, by: 'image', density: join(out, 'density.json'), threads }, SHARD),
    ),
  );
  const [{ rows, columns }] = ranked;
  expect(columns).toEqual(['image_id', 'samples', 'loss', 'mean', 'share', 'hardest']);
  expect(rows).toHaveLength(IMAGES);
  for (const { rows: others } of ranked) expect(others).toEqual(rows);
  for (const { image_id, loss } of rows) expect(Number(loss) / losses[Number(image_id)]).toBeCloseTo(1, 6);
  const order = rows.map(({ loss }) => Number(loss));
  expect(order).toEqual([...order].sort((a, b) => b - a));
  const sum = order.reduce((total, loss) => total + loss, 0);
  expect(sum / density.total / (density.loss.ghmc ?? 0)).toBeCloseTo(1, 2);
  expect(rows.reduce((total, { share }) => total + Number(share), 0)).toBeCloseTo(1, 9);
  expect(rows.reduce((total, { samples }) => total + Number(samples), 0)).toBe(density.total);
});
