import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { apply, histogram, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { npy } from './npy-data.ts';

const FILES = {
  'x.npy': npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]),
  'y.npy': npy('int64', [3], [2, 0, 1]),
  'c.npy': npy('int32', [3], [1, 2, 1]),
  'sorted.npy': npy('int32', [3], [1, 1, 2]),
  'float.npy': npy('float32', [3], [0, 0, 0]),
  'four.npy': npy('int8', [4], [0, 0, 0, 0]),
  'wide.npy': npy('int8', [3, 2], [0, 0, 0, 0, 0, 0]),
  'large.npy': npy('int64', [3], [1, 2 ** 60, 1]),
};
const folder = mkdtempSync(join(tmpdir(), 'ghm-sets-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
const at = (name: string): string => join(folder, name);
const input = { logits: at('x.npy'), labels: at('y.npy') };

const CASES: readonly (readonly [string, Partial<ReweightOptions>, 2 | 3, string])[] = [
  [
    'a column that does not exist',
    { group: 'levle', columns: { level: at('c.npy') } },
    2,
    "--group levle: there is no column levle, the columns are level; did you mean level? Give its files with --column levle='dumps/*.levle.npy'",
  ],
  [
    'a column where there are none',
    { group: 'level' },
    2,
    "--group level: there is no column level, there are no columns. Give its files with --column level='dumps/*.level.npy'",
  ],
  [
    'a batch column whose values come back',
    { batch: 'column:c', batchSize: 1, momentum: 0.5, columns: { c: at('c.npy') } },
    3,
    `${at('c.npy')}: row 2: c 1 comes back after 2; expected the rows of each c together, as batches follow the stream. Sort the rows, or use --batch rows:N`,
  ],
  [
    'a column of floats',
    { group: 'c', columns: { c: at('float.npy') } },
    3,
    `${at('float.npy')} is float32 [3]; expected integers, one a row, in column c`,
  ],
  [
    'a column of other rows',
    { group: 'c', columns: { c: at('four.npy') } },
    3,
    `${at('x.npy')} has 3 rows and ${at('four.npy')} has 4; expected as many in both. Do the two files belong together?`,
  ],
  [
    'several values a row',
    { group: 'c', columns: { c: at('wide.npy') } },
    3,
    `${at('wide.npy')} is int8 [3, 2]; expected one integer a row, [3], in column c`,
  ],
  [
    'a value that no double holds',
    { group: 'c', columns: { c: at('large.npy') } },
    3,
    `${at('large.npy')}: row 1: expected an integer of at most 2^53, found 1152921504606847000`,
  ],
  [
    'codes',
    { group: 'class', outputDtype: 'code' },
    2,
    '--output-dtype code: its table has one weight for each region, and --group class has one for each region of each group; use --output-dtype float16',
  ],
  [
    'windows',
    { group: 'class', density: 'window' },
    2,
    '--density window: is one density for all samples, and --group class makes several; drop one of them',
  ],
];

it.each(CASES)('%s', async (_, options, exitCode, message) => {
  await expect(reweight({ ...input, ...options, out: at('out') })).rejects.toMatchObject({ exitCode, message });
});

it('partials of other sets do not merge, and apply weighs only by what was counted', async () => {
  const columns = { c: at('sorted.npy') };
  await histogram({ ...input, group: 'c', columns, out: at('groups.ghm') });
  await histogram({ ...input, batch: 'rows:2', out: at('batches.ghm') });
  await histogram({ ...input, out: at('plain.ghm') });
  await expect(merge({ partials: [at('groups.ghm'), at('batches.ghm')], out: at('m.ghm') })).rejects.toMatchObject({
    exitCode: 3,
    message: `${at('batches.ghm')}: counted with --batch rows:2, but ${at('groups.ghm')} with --group c; count both the same way`,
  });
  const refused = (options: object, exitCode: number, message: string) =>
    expect(apply({ ...input, density: '', ...options, out: at('applied') })).rejects.toMatchObject({
      exitCode,
      message,
    });
  await refused(
    { density: at('batches.ghm') },
    2,
    `${at('batches.ghm')} was counted with --batch rows:2: add --momentum A, at least 0 and below 1; 0 weighs each batch by its own counts alone`,
  );
  await refused(
    { density: at('plain.ghm'), group: 'class' },
    2,
    `--group class: ${at('plain.ghm')} was counted with neither --batch nor --group; count it again, or drop that option`,
  );
  await refused(
    { density: at('plain.ghm'), momentum: 0.5 },
    2,
    `--momentum: averages over batches, and ${at('plain.ghm')} has none; count it with --batch`,
  );
  await refused(
    { density: at('groups.ghm'), columns: { c: at('c.npy') }, bins: 10 },
    2,
    `--bins 10: ${at('groups.ghm')} counted its groups for 30 regions, and only the whole for others; count it again with these --bins`,
  );
  const other = folderOf({ 'x.npy': npy('float32', [1, 2], [0, 1]), 'y.npy': npy('int64', [1], [2]) });
  await expect(
    apply({
      logits: join(other, 'x.npy'),
      labels: join(other, 'y.npy'),
      density: at('batches.ghm'),
      momentum: 0.5,
      out: at('applied'),
    }),
  ).rejects.toMatchObject({
    exitCode: 3,
    message:
      `${at('batches.ghm')}: has 2 rows in batch 0 (of 2), these files have 1 rows (of 1); expected the same batches. ` +
      'A batch does not span partials: cut the files between batches, merge the partials in the order of the files, and give all of the files',
  });
});

it('batches of a density.json are weighed by their partial', async () => {
  await reweight({ ...input, batch: 'rows:2', momentum: 0.5, out: at('ema') });
  await expect(apply({ ...input, density: at('ema/density.json'), out: at('again') })).rejects.toMatchObject({
    exitCode: 2,
    message: `${at('ema/density.json')}: a density.json of batches does not hold their weights; give the partial that ghm histogram --batch rows:2 writes, with --momentum 0.5`,
  });
});

it('more groups than the memory has room for say how much they need', async () => {
  const rows = 40_000;
  const many = folderOf({
    'x.npy': npy('float32', [rows], new Float32Array(rows)),
    'y.npy': npy('uint8', [rows], new Uint8Array(rows)),
    'c.npy': npy(
      'int32',
      [rows],
      Int32Array.from({ length: rows }, (_, row) => row),
    ),
  });
  const options = { logits: join(many, 'x.npy'), labels: join(many, 'y.npy'), columns: { c: join(many, 'c.npy') } };
  await expect(reweight({ ...options, group: 'c', memory: '16MiB', out: join(many, 'out') })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /^--memory: expected at least \d+ MiB for this input with 40000 groups of 30 regions, found 16 MiB$/,
    ),
  });
});
