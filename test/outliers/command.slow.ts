import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase, rowsOf, withConnection } from '../../src/duckdb/database.ts';
import { runGhm, SAMPLE } from '../run/command.ts';
import { halfValue } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { hardestOf, normOf, samplesOf } from './naive.ts';

/** The sample's arrays, read without the code under test: their headers are 128 bytes. */
const bytesOf = (name: string) => readFileSync(join(SAMPLE, name)).buffer.slice(128) as ArrayBuffer;
const half = new Uint16Array(bytesOf('logits.npy'));
const labels = new Int8Array(bytesOf('labels.npy'));
const valid = new Uint8Array(bytesOf('label_weights.npy'));
const images = new Int16Array(bytesOf('image_id.npy'));

const logits = Array.from(half, halfValue);
const codes = logits.map((_, i) => {
  const row = Math.floor(i / 3);
  return valid[row] === 0 ? 2 : Number(labels[row] === i % 3);
});
const FILES = ['--logits', 'logits.npy', '--labels', 'labels.npy', '--label-weights', 'label_weights.npy'];
const IMAGES = ['--column', 'image_id=image_id.npy'];

it('the hardest of the shipped sample are those of a sort, as CSV where there is no terminal', async () => {
  const top = 300;
  const run = await runGhm(['outliers', ...FILES, ...IMAGES, '--keep', 'image_id', '--top', `${top}`], SAMPLE);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const expected = hardestOf(samplesOf([{ file: 'logits.npy', classes: 3, logits, codes }]), top);
  expect(run.stdout.split('\n')).toEqual([
    'file,row,class,label,logit,p,g,image_id',
    ...expected.map(({ row, class: c, z }) => {
      const x = logits[3 * row + c];
      return ['logits.npy', row, c, labels[row], x, normOf(x), normOf(z), images[row]].join(',');
    }),
    '',
  ]);
});

it('table, JSON Lines and --json say the same; an empty result is a header', async () => {
  const shown = ['outliers', ...FILES, '--top', '2'];
  const table = await runGhm([...shown, '--format', 'table'], SAMPLE);
  expect(table.stdout.replace(/in [\d.]+ m?s/, 'in 5 ms')).toBe(
    [
      '  row  class  label   logit        p        g',
      '40883      0      0  -9.516  0.00007  0.99993',
      '41171      0      0  -9.492  0.00008  0.99992',
      '',
      '2 outliers, of 220,320 samples, all in logits.npy, in 5 ms',
      '',
    ].join('\n'),
  );
  const lines = await runGhm([...shown, '--format', 'jsonl'], SAMPLE);
  const rows = lines.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows[0]).toEqual({
    file: 'logits.npy',
    row: 40883,
    class: 0,
    label: 0,
    logit: -9.515625,
    p: normOf(-9.515625),
    g: normOf(9.515625),
  });
  const json = await runGhm([...shown, '--json'], SAMPLE);
  expect(JSON.parse(json.stdout)).toMatchObject({
    command: 'outliers',
    task: 'classification',
    samples: 220_320,
    rows,
  });
  const none = await runGhm(['outliers', ...FILES, '--min-g', '1'], SAMPLE);
  expect(none).toEqual({ exitCode: 0, stdout: 'file,row,class,label,logit,p,g\n', stderr: '' });
});

it('ranks images by what they add to the loss, with the partial of the run or its density.json', async () => {
  const folder = folderOf();
  const partial = join(folder, 'p.ghm');
  expect((await runGhm(['histogram', ...FILES, '--out', partial, '--quiet'], SAMPLE)).exitCode).toBe(0);
  const { stdout } = await runGhm(['outliers', ...FILES, ...IMAGES, '--by', 'image', '--density', partial], SAMPLE);
  const [header, ...rows] = stdout.trimEnd().split('\n');
  expect(header).toBe('image_id,samples,loss,mean,share,hardest');
  expect(rows).toHaveLength(8);
  const losses = rows.map((row) => Number(row.split(',')[2]));
  // mean GHM-C of golden.json
  expect(losses.reduce((sum, loss) => sum + loss, 0) / 213_342).toBeCloseTo(1.017, 3);
});

it('--out writes a whole file of the format its name ends in, and replaces none', async () => {
  const folder = folderOf();
  const at = (name: string) => join(folder, name);
  const write = (name: string, ...more: string[]) =>
    runGhm(['outliers', ...FILES, ...IMAGES, '--keep', 'image_id', '--top', '3', '--out', at(name), ...more], SAMPLE);
  const { stdout } = await write('a.csv');
  expect(stdout.replace(/in [\d.]+ m?s/, 'in 5 ms').replace(/[\d.]+ k?B/, '5 B')).toBe(
    `3 outliers, of 220,320 samples, all in logits.npy, in 5 ms; wrote ${at('a.csv')}, 5 B\n`,
  );
  const csv = readFileSync(at('a.csv'), 'utf8');
  expect(csv.split('\n')).toHaveLength(5);
  expect(await write('a.csv')).toMatchObject({
    exitCode: 2,
    stderr: `ghm: ${at('a.csv')} exists already; use --force to replace it\n`,
  });
  expect(readFileSync(at('a.csv'), 'utf8')).toBe(csv);
  expect((await write('a.jsonl', '--quiet')).stdout).toBe('');
  expect(JSON.parse(readFileSync(at('a.jsonl'), 'utf8').split('\n')[2] ?? '')).toMatchObject({
    row: 6490,
    image_id: 1,
  });
  expect((await write('a.parquet')).exitCode).toBe(0);
  const database = await openDatabase('the test');
  const read = await withConnection(database, (connection) =>
    rowsOf(database.bindings, connection, `SELECT * FROM read_parquet('${at('a.parquet')}')`),
  );
  database.bindings.close_sync(database.database);
  expect(JSON.stringify(read)).toContain('6490');
  expect(existsSync(at('b.csv'))).toBe(false);
});

it.each([
  [
    ['--by', 'class'],
    '--by: ranks by the sum of beta times loss, and there are no weights; add --density FILE, a partial or a density.json',
  ],
  [
    ['--by', 'class', '--density', 'd', '--per', 'file'],
    '--per is for samples, and --by ranks groups of them: drop one of the two',
  ],
  [
    ['--by', 'class', '--density', 'd', '--keep', 'level'],
    '--keep is for samples, and --by ranks groups of them: drop one of the two',
  ],
  [['--top', '0'], '--top: expected an integer from 1 to 1000000, found 0'],
  [['--min-g', '97'], '--min-g: expected a number from 0 to 1, found 97'],
  [['--format', 'parquet'], '--format parquet: needs a file; add --out FILE'],
  [
    ['--format', 'table', '--out', 'x'],
    '--format table is for the screen, and --out names a file: use csv, jsonl or parquet',
  ],
  [['--format', 'jsonn'], '--format: expected table, csv, jsonl or parquet, found "jsonn"; did you mean jsonl?'],
  [['--out', 'logits.npy', '--force'], '--out logits.npy: is the input logits.npy; write to another file'],
])('%j is wrong usage', async (args, message) => {
  expect(await runGhm(['outliers', ...FILES, ...args], SAMPLE)).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `ghm: ${message}\n`,
  });
});

it('a density of another task, or of batches, is refused', async () => {
  const folder = folderOf();
  const boxes = join(folder, 'boxes.ghm');
  const grouped = join(folder, 'grouped.ghm');
  const boxesOf = (name: string) => new URL(`../files/bccd-boxes/${name}.npy`, import.meta.url).pathname;
  await runGhm([
    'histogram',
    '--task',
    'regression',
    '--bbox-pred',
    boxesOf('bbox_pred'),
    '--bbox-target',
    boxesOf('bbox_target'),
    '--out',
    boxes,
  ]);
  await runGhm(['histogram', ...FILES, '--group', 'class', '--out', grouped], SAMPLE);
  const wrongTask = await runGhm(['outliers', ...FILES, '--density', boxes], SAMPLE);
  expect(wrongTask).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrongTask.stderr).toContain('made for regression with mu 0.02, and the samples are read for classification');
  const ofGroups = await runGhm(['outliers', ...FILES, '--density', grouped], SAMPLE);
  expect(ofGroups.stderr).toBe(
    `ghm: --density ${grouped}: was counted with --batch or --group, and has a weight for each; give one that was counted without\n`,
  );
});
