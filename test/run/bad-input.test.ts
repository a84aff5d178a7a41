import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { folderOf, headerText, npyOf } from '../sources/npy-files.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';

const X = npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]);
const Y = npy('int64', [3], [2, 0, 1]);
const good = { 'x.npy': X, 'y.npy': Y };
const NAN = Number.NaN;

interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly options?: Partial<ReweightOptions>;
  readonly exitCode?: number;
  /** What the message has to say, in this order. */
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'a missing file', files: { 'x.npy': X }, says: ['--labels', 'y.npy', 'no such file'] },
  {
    what: 'a glob without a match',
    files: good,
    options: { logits: 'z*.npy' },
    says: ['--logits', 'z*.npy', 'no file'],
  },
  { what: 'a text file', files: { ...good, 'x.npy': 'score,label\n1,2\n' }, says: ['x.npy', 'not an .npy file'] },
  { what: 'an empty file', files: { ...good, 'x.npy': '' }, says: ['x.npy', 'empty', '0 bytes'] },
  {
    what: 'a truncated file',
    files: { ...good, 'x.npy': X.subarray(0, X.length - 5) },
    says: ['x.npy', `${X.length}`, `${X.length - 5}`],
  },
  {
    what: 'a file longer than its header says',
    files: { ...good, 'y.npy': Buffer.concat([Y, Buffer.alloc(7)]) },
    says: ['y.npy', `${Y.length}`, `${Y.length + 7}`],
  },
  { what: 'a header cut off', files: { ...good, 'x.npy': X.subarray(0, 40) }, says: ['x.npy'] },
  { what: 'complex logits', files: { ...good, 'x.npy': npyOf(headerText('<c8'), 48) }, says: ['x.npy', 'c8'] },
  { what: 'objects', files: { ...good, 'y.npy': npyOf(headerText('|O', '(3,)'), 24) }, says: ['y.npy', 'object'] },
  { what: 'text labels', files: { ...good, 'y.npy': npyOf(headerText('<U4', '(3,)'), 48) }, says: ['y.npy', 'U4'] },
  { what: 'integer logits', files: { ...good, 'x.npy': Y }, says: ['x.npy', 'int64', 'float32'] },
  {
    what: 'Fortran order',
    files: { ...good, 'x.npy': npyOf(headerText('<f4', '(3, 2)', 'True'), 24) },
    says: ['x.npy', 'Fortran'],
  },
  {
    what: 'three axes',
    files: { ...good, 'x.npy': npyOf(headerText('<f4', '(3, 2, 1)'), 24) },
    says: ['x.npy', '[3, 2, 1]'],
  },
  { what: 'no axes', files: { ...good, 'x.npy': npyOf(headerText('<f4', '()'), 4) }, says: ['x.npy', '[]'] },
  {
    what: 'row counts that differ',
    files: { ...good, 'y.npy': npy('int64', [4], [2, 0, 1, 0]) },
    says: ['x.npy', '3 rows', 'y.npy', '4'],
  },
  {
    what: 'unpaired files',
    files: { ...good, 'x2.npy': X },
    options: { logits: 'x*.npy' },
    says: ['--logits', '2 files', '--labels', '1 file'],
  },
  {
    what: 'a class out of range',
    files: { ...good, 'y.npy': npy('int16', [3], [2, 0, 7]) },
    says: ['y.npy', 'row 2', '0..1', 'found 7'],
  },
  {
    what: 'a class below 0',
    files: { ...good, 'y.npy': npy('int8', [3], [2, -5, 7]) },
    says: ['y.npy', 'row 1', '0..1', 'found -5'],
  },
  {
    what: 'a huge class',
    files: { ...good, 'y.npy': npy('uint32', [3], [2, 2 ** 32 - 1, 7]) },
    says: ['y.npy', 'row 1', 'found 4294967295'],
  },
  {
    what: 'a soft target',
    files: { ...good, 'y.npy': npy('float32', [3, 2], [0, 1, 0, 0.25, 0, 0]) },
    says: ['y.npy', 'row 1, class 1', '0 or 1', 'found 0.25', 'soft targets'],
  },
  {
    what: 'a NaN label',
    files: { ...good, 'y.npy': npy('float16', [3, 2], [0, 1, 0, 0, NAN, 0]) },
    says: ['y.npy', 'row 2, class 0', 'found NaN'],
  },
  {
    what: 'a NaN logit',
    files: { ...good, 'x.npy': npy('float64', [3, 2], [0, 1, 0, NAN, NAN, 0]) },
    says: ['x.npy', 'row 1, class 1', 'found NaN', '--non-finite ignore'],
  },
  {
    what: 'a NaN logit of one axis',
    files: { 'x.npy': npy('float16', [3], [0, 1, NAN]), 'y.npy': npy('bool', [3], [0, 0, 1]) },
    says: ['x.npy', 'row 2:', 'found NaN'],
  },
  {
    what: 'a NaN label weight',
    files: { ...good, 'w.npy': npy('float32', [3], [1, NAN, 1]) },
    options: { labelWeights: 'w.npy' },
    says: ['w.npy', 'row 1', 'found NaN'],
  },
  {
    what: 'label weights of another shape',
    files: { ...good, 'w.npy': npy('float32', [3, 3], new Array(9).fill(1)) },
    options: { labelWeights: 'w.npy' },
    says: ['w.npy', '[3, 3]', 'x.npy', '[3, 2]'],
  },
  {
    what: 'no rows',
    files: { 'x.npy': npy('float32', [0, 2], []), 'y.npy': npy('int8', [0], []) },
    says: ['x.npy', '[0, 2]'],
  },
  {
    what: 'no classes',
    files: { 'x.npy': npy('float32', [3, 0], []), 'y.npy': npy('int8', [3, 0], []) },
    says: ['x.npy', '[3, 0]'],
  },
  {
    what: 'all samples ignored',
    files: { ...good, 'y.npy': npy('int8', [3], [-1, -1, -1]) },
    says: ['all 6 samples are ignored', '--ignore-label'],
  },
  {
    what: 'all logits NaN and left out',
    files: { ...good, 'x.npy': npy('float32', [3, 2], new Array(6).fill(NAN)) },
    options: { nonFinite: 'ignore' },
    says: ['all 6 samples are ignored'],
  },
  {
    what: 'one logit and one label a row',
    files: { 'x.npy': npy('float32', [3, 1], [1, 2, 3]), 'y.npy': npy('int8', [3], [0, 1, 0]) },
    exitCode: 2,
    says: ['x.npy', '[3, 1]', 'y.npy', '[3]', '--label-format'],
  },
];

async function failure(options: ReweightOptions): Promise<{ exitCode: number; message: string }> {
  return reweight(options).then(
    () => ({ exitCode: 0, message: '' }),
    ({ exitCode, message }) => ({ exitCode, message }),
  );
}

/** Options with the names of the case made paths of its folder. */
function given(folder: string, options: Partial<ReweightOptions> = {}): ReweightOptions {
  const at = (name: string): string => join(folder, name);
  const { logits = 'x.npy', labels = 'y.npy', labelWeights, out = 'out', ...rest } = options;
  const weights = labelWeights === undefined ? {} : { labelWeights: at(String(labelWeights)) };
  return { ...rest, ...weights, logits: at(String(logits)), labels: at(String(labels)), out: at(out) };
}

describe('bad input is an error that says what and where, and leaves nothing', () => {
  it.each(CASES)('$what', async ({ files, options, exitCode = 3, says }) => {
    const folder = folderOf(files);
    const before = treeOf(folder);
    const found = await failure({ ...given(folder, options), threads: 1 });
    expect(found.exitCode, found.message).toBe(exitCode);
    let at = 0;
    for (const word of says) {
      const next = found.message.indexOf(word, at);
      expect(next, `${JSON.stringify(word)} in order in: ${found.message}`).toBeGreaterThanOrEqual(0);
      at = next + word.length;
    }
    expect(treeOf(folder)).toEqual(before);
  });

  it('a weight above the largest float16', async () => {
    const n = 70_000;
    const logits = npy('float32', [n], [9, ...new Array(n - 1).fill(-9)]);
    const folder = folderOf({ 'x.npy': logits, 'y.npy': npy('bool', [n], new Array(n).fill(0)) });
    const before = treeOf(folder);
    // 70,000 / (1 x 2) fits, twice that does not
    const options = { ...given(folder), outputDtype: 'float16' } as const;
    expect((await failure({ ...options, out: join(folder, 'fits') })).exitCode).toBe(0);
    const more = 140_000;
    const wide = folderOf({
      'x.npy': npy('float32', [more], [9, ...new Array(more - 1).fill(-9)]),
      'y.npy': npy('bool', [more], new Array(more).fill(0)),
    });
    const { exitCode, message } = await failure({ ...given(wide), outputDtype: 'float16' });
    expect(exitCode).toBe(2);
    expect(message).toContain('70000');
    expect(message).toContain('--max-weight 65504');
    expect(Object.keys(treeOf(wide))).toEqual(Object.keys(before));
    expect((await failure({ ...given(wide), outputDtype: 'float16', maxWeight: 65_504 })).exitCode).toBe(0);
  });
});
