import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OutliersOptions, outliers, reweight } from '../../src/index.ts';
import { seeded } from '../kernels/implementations.ts';
import { npy, readFloats } from '../run/npy-data.ts';
import { failure } from '../run/small-place.ts';
import { folderOf } from '../sources/npy-files.ts';
import { npz } from '../sources/zip-files.ts';
import { hardestOf, type NaiveInput, normOf, placeOf, samplesOf } from './naive.ts';

const NAN = Number.NaN;

/** Two files of binary targets of one class, few distinct logits, some left out; and what they hold. */
function binaryPlace() {
  const next = seeded(5);
  const files: Record<string, Uint8Array> = {};
  const inputs: NaiveInput[] = [1, 2].map((number) => {
    const logits = Array.from({ length: 700 }, () => (next() % 33) / 2 - 8);
    const labels = logits.map(() => (next() % 7 === 0 ? -1 : next() % 2));
    files[`x${number}.npy`] = npy('float32', [700], logits);
    files[`y${number}.npy`] = npy('int8', [700], labels);
    const codes = labels.map((label) => (label === -1 ? 2 : label));
    return { file: `x${number}.npy`, classes: 1, logits, codes };
  });
  const folder = folderOf(files);
  const options = { logits: join(folder, 'x*.npy'), labels: join(folder, 'y*.npy'), threads: 1 };
  const named = inputs.map((input) => ({ ...input, file: join(folder, input.file) }));
  return { folder, options, samples: samplesOf(named) };
}

describe('outliers of binary labels', () => {
  it('are the hardest, equal ones in the order of the stream, and none that is left out', async () => {
    const { options, samples } = binaryPlace();
    for (const top of [1, 2, 40, 1000, samples.length]) {
      const { rows, columns } = await outliers({ ...options, top });
      expect(columns).toEqual(['file', 'row', 'class', 'label', 'logit', 'p', 'g']);
      const expected = hardestOf(samples, top);
      expect(rows.map(placeOf)).toEqual(expected.map(placeOf));
      expect(rows.map(({ g }) => g)).toEqual(expected.map(({ z }) => normOf(z)));
    }
  });

  it('are all samples where there are fewer than asked for', async () => {
    const { options, samples } = binaryPlace();
    const { rows, samples: read } = await outliers({ ...options, top: 1_000_000 });
    expect(read).toBe(1400);
    expect(rows).toHaveLength(samples.length);
    expect(rows.map(placeOf)).toEqual(hardestOf(samples, samples.length).map(placeOf));
  });

  it('have at least --min-g, as it is printed; there may be none', async () => {
    const { options, samples } = binaryPlace();
    const [{ z }] = hardestOf(samples, 1);
    const counts = async (minG: number) => (await outliers({ ...options, minG, top: 10_000 })).rows.length;
    expect(await counts(normOf(z))).toBe(samples.filter((sample) => sample.z === z).length);
    expect(await counts(normOf(z - 0.5))).toBe(samples.filter((sample) => sample.z >= z - 0.5).length);
    expect(await counts(0.5)).toBe(samples.filter((sample) => sample.z >= 0).length);
    expect(await counts(0)).toBe(samples.length);
    expect(await counts(1)).toBe(0);
  });

  it('with a density have the weights that reweight writes', async () => {
    const { folder, options } = binaryPlace();
    for (const density of ['unit-region', 'window'] as const) {
      const out = join(folder, density);
      await reweight({ ...options, density, out });
      const { rows } = await outliers({ ...options, density: join(out, 'density.json'), top: 2000 });
      const weights = new Map(
        [1, 2].map((n) => [join(folder, `x${n}.npy`), readFloats(join(out, `x${n}.beta.npy`)).values]),
      );
      for (const { file, row, beta } of rows) {
        expect(Math.fround(Number(beta))).toBe(weights.get(String(file))?.[Number(row)]);
      }
    }
  });
});

it('NaN is an error, or ignored; infinities come first, their norm is 1 whatever --min-g', async () => {
  const folder = folderOf({
    'x.npy': npy('float32', [3, 2], [NAN, 40, -Infinity, 50, 3, Infinity]),
    'y.npy': npy('int64', [3], [2, 0, 2]),
  });
  const options = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy'), threads: 1 };
  const { exitCode, message } = await failure(outliers(options));
  expect([exitCode, message]).toEqual([
    3,
    `${join(folder, 'x.npy')}: row 0, class 0: expected a logit, found NaN; use --non-finite ignore to leave such samples out`,
  ]);
  const { rows } = await outliers({ ...options, nonFinite: 'ignore', minG: 1 });
  expect(rows.map(({ row, class: c, label, logit, g }) => [row, c, label, logit, g])).toEqual([
    [1, 0, 0, -Infinity, 1],
    [2, 1, 2, Infinity, 1],
    [1, 1, 0, 50, 1],
    [0, 1, 2, 40, 1],
  ]);
});

it('-0 and 0 are equal, of either label', async () => {
  const folder = folderOf({ 'x.npy': npy('float32', [4], [-0, 0, -0, 0]), 'y.npy': npy('uint8', [4], [0, 1, 1, 0]) });
  const options = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy'), threads: 1 };
  const { rows } = await outliers({ ...options, minG: 0.5 });
  expect(rows.map(({ row }) => row)).toEqual([0, 1, 2, 3]);
  expect((await outliers({ ...options, top: 2 })).rows.map(({ row }) => row)).toEqual([0, 1]);
});

it('classes are shown as labels have them', async () => {
  const folder = folderOf({
    'x.npy': npy('float16', [2, 3], [-1, -4, 2, 5, -3, -2]),
    'y.npy': npy('uint8', [2], [2, 0]),
  });
  const input = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy'), threads: 1 };
  const { rows } = await outliers({ ...input, labelBase: 1, top: 2 });
  expect(rows.map(({ row, class: c, label, logit }) => [row, c, label, logit])).toEqual([
    [1, 1, 0, 5],
    [0, 2, 2, -4],
  ]);
});

describe('other tasks', () => {
  it('softmax shows the class predicted beside the label', async () => {
    const folder = folderOf({
      'x.npy': npy('float32', [3, 3], [9, 1, 0, 2, 1, 0, 0, 8, 1]),
      'y.npy': npy('int64', [3], [2, 0, -1]),
    });
    const { rows, columns } = await outliers({
      task: 'softmax',
      logits: join(folder, 'x.npy'),
      labels: join(folder, 'y.npy'),
      per: 'class',
    });
    expect(columns).toEqual(['file', 'row', 'label', 'predicted', 'logit', 'p', 'g']);
    expect(rows.map(({ row, label, predicted, logit }) => [row, label, predicted, logit])).toEqual([
      [1, 0, 0, 2],
      [0, 2, 0, 0],
    ]);
    for (const { p, g } of rows) expect(Number(p) + Number(g)).toBeCloseTo(1, 12);
  });

  it('regression shows prediction and target', async () => {
    const folder = folderOf({
      'p.npy': npy('float32', [2, 2], [1, 2, 3, 4]),
      't.npy': npy('float32', [2, 2], [1.5, 2, 3, 9]),
      'w.npy': npy('float32', [2], [1, 1]),
    });
    const boxes = {
      bboxPred: join(folder, 'p.npy'),
      bboxTarget: join(folder, 't.npy'),
      bboxWeights: join(folder, 'w.npy'),
    };
    const { rows, mu } = await outliers({ task: 'regression', ...boxes, mu: 0.5, top: 2, threads: 1 });
    const file = join(folder, 'p.npy');
    expect(mu).toBe(0.5);
    expect(rows).toEqual([
      { file, row: 1, column: 1, prediction: 4, target: 9, distance: 5, g: 5 / Math.hypot(5, 0.5) },
      { file, row: 0, column: 0, prediction: 1, target: 1.5, distance: 0.5, g: 0.5 / Math.hypot(0.5, 0.5) },
    ]);
  });

  it('soft targets show the target', async () => {
    const folder = folderOf({
      'x.npy': npy('float32', [3], [0, 4, -4]),
      'y.npy': npy('float32', [3], [0.5, 0.25, -1]),
    });
    const input = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy'), threads: 1 };
    const { rows } = await outliers({ ...input, labelFormat: 'soft' });
    expect(rows.map(({ row, label, logit }) => [row, label, logit])).toEqual([
      [1, 0.25, 4],
      [0, 0.5, 0],
    ]);
    expect(Number(rows[0].g)).toBeCloseTo(normOf(4) - 0.25, 6);
  });
});

describe('columns', () => {
  const arrays = () => ({
    logits: npy('float32', [4, 1], [3, 5, 4, 1]),
    labels: npy('uint8', [4, 1], [0, 0, 0, 0]),
    image_id: npy('int64', [4], [7, 7, -2, 7]),
    quality: npy('float32', [4], [0.5, 0.25, 1, 2]),
  });

  it.each([false, true])(
    'come with the outliers, from files of their own or packed beside the logits',
    async (packed) => {
      const { logits, labels, image_id, quality } = arrays();
      const folder = folderOf({
        'x.npy': logits,
        'y.npy': labels,
        'i.npy': image_id,
        'q.npy': quality,
        'a.npz': npz(arrays(), true),
      });
      const at = (name: string) => join(folder, name);
      const input = packed
        ? { files: at('a.npz') }
        : { logits: at('x.npy'), labels: at('y.npy'), columns: { image_id: at('i.npy'), quality: [at('q.npy')] } };
      const options: OutliersOptions = { ...input, labelFormat: 'binary', threads: 1 };
      const { rows } = await outliers({ ...options, keep: ['quality', 'image_id'], top: 2 });
      expect(rows.map(({ row, quality: q, image_id: i }) => [row, q, i])).toEqual([
        [1, 0.25, 7],
        [2, 1, -2],
      ]);
      // `image` is short for image_id
      const per = await outliers({ ...options, per: 'image', top: 2 });
      expect(per.rows.map(({ image_id: i, row }) => [i, row])).toEqual([
        [-2, 2],
        [7, 1],
        [7, 0],
      ]);
    },
  );

  it('that nothing names are warned of', async () => {
    const { logits, labels, image_id } = arrays();
    const folder = folderOf({ 'x.npy': logits, 'y.npy': labels, 'i.npy': image_id });
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const { columns } = await outliers({ ...input(folder), columns: { image_id: join(folder, 'i.npy') }, onWarning });
    expect(warnings).toEqual(['--column image_id has no effect: none of --keep, --per and --by names it']);
    expect(columns).not.toContain('image_id');
  });

  const input = (folder: string) => ({
    logits: join(folder, 'x.npy'),
    labels: join(folder, 'y.npy'),
    labelFormat: 'binary' as const,
    threads: 1,
  });

  it.each<[string, (folder: string) => Partial<OutliersOptions>, number, (folder: string) => string]>([
    [
      'that were not given',
      () => ({ per: 'image' }),
      2,
      () =>
        "--per image: there is no column image_id. Give its files with --column image_id='dumps/*.image_id.npy', or go by class or file",
    ],
    [
      'mistyped',
      (folder) => ({ keep: 'imge_id', columns: { image_id: join(folder, 'i.npy') } }),
      2,
      () =>
        "--keep imge_id: there is no column imge_id; did you mean image_id?; the columns are image_id. Give its files with --column imge_id='dumps/*.imge_id.npy'",
    ],
    [
      'of other rows',
      (folder) => ({ keep: ['short'], columns: { short: join(folder, 's.npy') } }),
      3,
      (folder) =>
        `${folder}/x.npy has 4 rows and ${folder}/s.npy has 3; expected as many in both. Do the two files belong together?`,
    ],
    [
      'of floats to group by',
      (folder) => ({ per: 'quality', columns: { quality: join(folder, 'q.npy') } }),
      3,
      (folder) => `${folder}/q.npy is float32 [4]; expected integers, one a row, in column quality`,
    ],
    [
      'named as a column of outliers',
      (folder) => ({ keep: 'g', columns: { g: join(folder, 'q.npy') } }),
      2,
      () => '--keep g: is what a column of outliers is called already',
    ],
    [
      'missing in a container',
      (folder) => ({ logits: undefined, labels: undefined, files: join(folder, 'a.npz'), keep: 'imge_id' }),
      3,
      (folder) =>
        `${folder}/a.npz: holds no column "imge_id" for --keep imge_id; it holds logits, labels, image_id, quality; did you mean image_id?`,
    ],
  ])('%s are refused', async (_, extra, exitCode, message) => {
    const { logits, labels, image_id, quality } = arrays();
    const folder = folderOf({
      'x.npy': logits,
      'y.npy': labels,
      'i.npy': image_id,
      'q.npy': quality,
      's.npy': npy('int8', [3], [1, 2, 3]),
      'a.npz': npz(arrays()),
    });
    expect(await failure(outliers({ ...input(folder), ...extra(folder) }))).toEqual({
      exitCode,
      message: message(folder),
    });
  });
});
