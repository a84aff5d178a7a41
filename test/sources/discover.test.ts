import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputError, usageError } from '../../src/errors.ts';
import { discover } from '../../src/sources/discover.ts';
import { wouldMatch } from '../../src/sources/glob.ts';
import { folderOf } from './npy-files.ts';

const names = async (patterns: string | readonly string[], cwd: string): Promise<string[]> =>
  (await discover(patterns, '--logits', cwd)).map(({ name }) => name);

describe('discover', () => {
  test('a glob, in natural order', async () => {
    const cwd = folderOf({ 'd/part10.npy': 'x', 'd/part2.npy': 'x', 'd/part1.npy': 'x', 'd/part2.txt': 'x' });
    expect(await discover('d/*.npy', '--logits', cwd)).toEqual(
      ['d/part1.npy', 'd/part2.npy', 'd/part10.npy'].map((name) => ({ name, path: join(cwd, name) })),
    );
  });

  test('the order given does not matter, patterns may overlap', async () => {
    const cwd = folderOf({ 'a2.npy': 'x', 'a10.npy': 'x', 'b/a1.npy': 'x' });
    expect(await names(['b/*.npy', 'a10.npy', './a2.npy', '*.npy'], cwd)).toEqual(['./a2.npy', 'a10.npy', 'b/a1.npy']);
    expect(await names('**/*.npy', cwd)).toEqual(['a2.npy', 'a10.npy', 'b/a1.npy']);
    expect(await names('{a2,b/a1}.npy', cwd)).toEqual(['a2.npy', 'b/a1.npy']);
  });

  test('names are as the user would write them', async () => {
    const cwd = folderOf({ 'a/x1.npy': 'x', 'b/x1.npy': 'x' });
    expect(await names(`${cwd}/*/x?.npy`, cwd)).toEqual([`${cwd}/a/x1.npy`, `${cwd}/b/x1.npy`]);
    expect(await names('../b/*.npy', join(cwd, 'a'))).toEqual(['../b/x1.npy']);
    expect(await names('./*/x1.npy', cwd)).toEqual(['a/x1.npy', 'b/x1.npy']);
  });

  test('what exists is taken literally, folders of a glob too', async () => {
    const cwd = folderOf({
      'a[1].npy': 'x',
      'a1.npy': 'x',
      '*.npy': 'x',
      'run (1)/[x]/a1.npy': 'x',
      'run 1/[x]/a1.npy': 'x',
    });
    expect(await names('a[1].npy', cwd)).toEqual(['a[1].npy']);
    expect(await names('*.npy', cwd)).toEqual(['*.npy']);
    expect(await names('run (1)/[x]/a?.npy', cwd)).toEqual(['run (1)/[x]/a1.npy']);
    expect(await names(`${cwd}/run (1)/**/*.npy`, cwd)).toEqual([`${cwd}/run (1)/[x]/a1.npy`]);
  });

  test('one file under two names counts once, under the first', async () => {
    const cwd = folderOf({ 'store/one': 'x', 'store/two': 'x' });
    symlinkSync('store/one', join(cwd, 'a.npy'));
    symlinkSync('store/two', join(cwd, 'b.npy'));
    symlinkSync('store/one', join(cwd, 'c.npy'));
    symlinkSync('store', join(cwd, 'linked'));
    expect(await discover(['*.npy', 'linked/*', 'store/one'], '--logits', cwd)).toEqual([
      { name: 'a.npy', path: join(cwd, 'a.npy') },
      { name: 'b.npy', path: join(cwd, 'b.npy') },
    ]);
  });

  test('a missing file', async () => {
    const cwd = folderOf({ 'd/logits.npy': 'x' });
    await expect(names('d/logit.npy', cwd)).rejects.toThrow(
      inputError('--logits d/logit.npy: no such file. Did you mean d/logits.npy?'),
    );
    await expect(names('d/weights.npy', cwd)).rejects.toThrow(
      inputError('--logits d/weights.npy: no such file. Check the path'),
    );
    await expect(names('e/logits.npy', cwd)).rejects.toThrow(
      inputError('--logits e/logits.npy: no such file. There is no folder e'),
    );
  });

  test('a glob without a match', async () => {
    const cwd = folderOf({ 'd/part2.npy': 'x', 'd/part1.npy': 'x', 'one/x': 'x' });
    mkdirSync(join(cwd, 'empty'));
    const found = '--labels d/*.npz: the glob matches no file. Looked in d/, which holds part1.npy and 1 more';
    await expect(discover(['d/*.npy', 'd/*.npz'], '--labels', cwd)).rejects.toThrow(inputError(found));
    await expect(names('*.npy', cwd)).rejects.toThrow(
      inputError('--logits *.npy: the glob matches no file. Looked in the working directory, which holds d and 2 more'),
    );
    await expect(names('one/*.npy', cwd)).rejects.toThrow(
      inputError('--logits one/*.npy: the glob matches no file. Looked in one/, which holds x'),
    );
    await expect(names('empty/*', cwd)).rejects.toThrow(
      inputError('--logits empty/*: the glob matches no file. Looked in empty/, which is empty'),
    );
  });

  test('a folder gives what in it can hold arrays, deep too, but no weights of ours', async () => {
    const cwd = folderOf({
      'd/x10.npy': 'x',
      'd/x2.npz': 'x',
      'd/deep/y.safetensors': 'x',
      'd/deep/z.npy.gz': 'x',
      'd/z.npy.zst': 'x',
      'd/x.beta.npy': 'x',
      'd/x.code.npz': 'x',
      'd/notes.txt': 'x',
      'd/.hidden/x.npy': 'x',
      'e/notes.txt': 'x',
    });
    const found = ['d/deep/y.safetensors', 'd/deep/z.npy.gz', 'd/x2.npz', 'd/x10.npy', 'd/z.npy.zst'];
    expect(await names('d', cwd)).toEqual(found);
    expect(await names('./d/', cwd)).toEqual(found);
    await expect(names('e', cwd)).rejects.toThrow(
      inputError('--logits e: neither the folder nor those below it hold files of arrays, such as .npy or .npz'),
    );
  });

  test('a list gives its lines in their order; beside others it is one of them', async () => {
    const cwd = folderOf({
      'b.npy': 'x',
      'a 1.npy': 'x',
      'c*.npy': 'x',
      '@d': 'x',
      'list.txt': 'b.npy\r\n\na 1.npy\nc*.npy\nb.npy',
    });
    expect(await names('@list.txt', cwd)).toEqual(['b.npy', 'a 1.npy', 'c*.npy', 'b.npy']);
    expect(await names(['@list.txt', 'b.npy'], cwd)).toEqual(['a 1.npy', 'b.npy', 'c*.npy']);
    expect(await names('@d', cwd)).toEqual(['@d']);
  });

  test('a list that is missing, empty, or names what is not there', async () => {
    const cwd = folderOf({ 'a.npy': 'x', empty: '\n \n', bad: 'a.npy\n\nb.npy\n', nothing: '', zero: 'a\0b' });
    await expect(names('@no', cwd)).rejects.toThrow(inputError('--logits @no: no such file'));
    await expect(names('@empty', cwd)).rejects.toThrow(
      inputError('--logits @empty: lists no files; expected one path a line'),
    );
    await expect(names('@nothing', cwd)).rejects.toThrow(
      inputError('--logits @nothing: is empty (0 bytes); expected a path a line'),
    );
    await expect(names('@bad', cwd)).rejects.toThrow(inputError('--logits @bad: line 3: b.npy: no such file'));
    await expect(names('@zero', cwd)).rejects.toThrow(
      inputError('--logits @zero: line 1: expected a path, found a zero byte in it'),
    );
  });

  test('nothing, an empty text', async () => {
    const cwd = folderOf({ 'd/x.npy': 'x' });
    await expect(names([], cwd)).rejects.toThrow(
      usageError('--logits: expected at least one file or glob, found none'),
    );
    await expect(names(['d/*', ''], cwd)).rejects.toThrow(
      usageError('--logits: expected a file or glob, found an empty text'),
    );
  });

  test('a link to nothing is no file', async () => {
    const cwd = folderOf({ 'a.npy': 'x' });
    symlinkSync('gone', join(cwd, 'b.npy'));
    expect(await names('*.npy', cwd)).toEqual(['a.npy']);
    await expect(names('b.npy', cwd)).rejects.toThrow(/^--logits b\.npy: no such file/);
  });
});

test.each([
  ['**/*.npy', 'out/a.beta.npy', true],
  ['**/*.logits.npy', 'out/a.logits.beta.npy', false],
  ['**/*.logits.npy', 'out/deep/a.logits.npy', true],
  ['*/*.npy', 'out/a.npy', true],
  ['*/*.npy', 'out/deep/a.npy', false],
  ['*.npy', 'out/a.npy', false],
  ['d/**', 'out/a.npy', false],
  ['d/**', 'd/out/a.npy', true],
  ['{d,out}/*', 'out/a.npy', true],
  ['**/*', '.hidden/a.npy', false],
  ['../**/*.npy', '../elsewhere/a.npy', true],
])('wouldMatch %s, %s: %s', (pattern, path, expected) => {
  const cwd = folderOf({ 'd/x.npy': 'x' });
  expect(wouldMatch(pattern, join(cwd, path), cwd)).toBe(expected);
  expect(wouldMatch(join(cwd, pattern), join(cwd, path), '/')).toBe(expected);
});
