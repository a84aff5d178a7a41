import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { npy } from './npy-data.ts';
import { refusal, weighedTable } from './table-samples.ts';

const ROWS = 3000;
const logits = Float32Array.from({ length: 2 * ROWS }, (_, i) => 6 * Math.sin(i * i) - 2);
const labels = Array.from({ length: ROWS }, (_, row) => (row % 40 === 0 ? row % 2 : row % 41 === 0 ? null : 2));
const weights = Array.from({ length: ROWS }, (_, row) => (row % 30 === 7 ? 0 : 0.5));
const rows = labels.map((label, row) => ({ z: [logits[2 * row], logits[2 * row + 1]], label, weight: weights[row] }));

const separated = (by: string): string =>
  [
    ['image', 'logit_0', 'logit_1', 'label', 'label_weight'].join(by),
    ...rows.map(({ z, label, weight }, row) => [`"image${by}${row}"`, z[0], z[1], label ?? '', weight].join(by)),
    '',
  ].join('\n');
const lines = (): string =>
  rows
    .map(({ z, label, weight }, row) =>
      JSON.stringify({ image: { name: `a[{"${row}` }, logits: z, label, label_weight: weight }).concat('\n'),
    )
    .join('');

/** The weights and the density of the same samples as .npy. */
async function wanted() {
  const folder = folderOf({
    'x.npy': npy('float32', [ROWS, 2], logits),
    'y.npy': npy(
      'int64',
      [ROWS],
      labels.map((label) => label ?? -1),
    ),
    'w.npy': npy('float32', [ROWS], weights),
  });
  const inputs = ['--logits', 'x.npy', '--labels', 'y.npy', '--label-weights', 'w.npy'];
  expect(await runGhm(['reweight', ...inputs, '--out', 'out', '--quiet'], folder)).toMatchObject({ exitCode: 0 });
  return {
    beta: readFileSync(join(folder, 'out/x.beta.npy')),
    density: readFileSync(join(folder, 'out/density.json')),
  };
}

describe('a table of text gives the very bytes of its .npy form', () => {
  it.each([
    ['csv', () => separated(',')],
    ['tsv', () => separated('\t')],
    ['jsonl', lines],
    ['ndjson', lines],
  ])('%s', async (format, text) => {
    const expected = await wanted();
    expect(await weighedTable(format, text(), { memory: '8MiB' }, 1000)).toEqual(expected);
    expect((await weighedTable(format, text(), { ignoreLabel: 200 })).beta).toEqual(expected.beta);
  });
});

describe('a table of text is refused', () => {
  const deep = (depth: number): string =>
    `{"logits":1,"label":0}\n{"logits":${'['.repeat(depth)}${']'.repeat(depth)}}\n`;
  it.each([
    ['jsonl', deep(200_000), '3: x.jsonl: line 2: is nested more than 32 deep; expected a flat object a line'],
    [
      'jsonl',
      '{"logits":[1,2],"label":0}\n{"logits":[1],"label":0}\n',
      '3: x.jsonl[logits]: its lists are of 1 to 2 numbers; expected one length',
    ],
    [
      'csv',
      'logits,label\n1,0\nten,1\n',
      '3: x.csv[logits]: unsupported type: expected a column of numbers or of lists of them, found VARCHAR in logits',
    ],
    [
      'csv',
      'z,label\n1,0\n2,1\n',
      '3: x.csv: holds no column "logits"; it holds z, label. Name it with --logits-key KEY',
    ],
  ])('%s %#', async (format, text, message) => {
    expect(await refusal(format, text)).toBe(message);
  });

  it.each([
    ['jsonl', '{"logits":1,"label":0}\n{"logits":\n'],
    ['csv', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 37) % 256))],
  ])('%s that is damaged', async (format, text) => {
    expect(await refusal(format, text)).toMatch(/^3: x\.\w+: cannot be read as a table of numbers: /);
  });
});
