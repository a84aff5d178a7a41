import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputError, usageError } from '../../src/errors.ts';
import { discover } from '../../src/sources/discover.ts';
import { wouldMatch } from '../../src/sources/glob.ts';
import { folderOf } from './npy-files.ts';

const names = (patterns: string | readonly string[], cwd: string): string[] =>
  discover(patterns, '--logits', cwd).map(({ name }) => name);

describe('discover', () => {
  test('a glob, in natural order', () => {
    const cwd = folderOf({ 'd/part10.npy': 'x', 'd/part2.npy': 'x', 'd/part1.npy': 'x', 'd/part2.txt': 'x' });
    expect(discover('d/*.npy', '--logits', cwd)).toEqual(
      ['d/part1.npy', 'd/part2.npy', 'd/part10.npy'].map((name) => ({ name, path: join(cwd, name) })),
    );
  });

  test('the order given does not matter, patterns may overlap', () => {
    const cwd = folderOf({ 'a2.npy': 'x', 'a10.npy': 'x', 'b/a1.npy': 'x' });
    expect(names(['b/*.npy', 'a10.npy', './a2.npy', '*.npy'], cwd)).toEqual(['./a2.npy', 'a10.npy', 'b/a1.npy']);
    expect(names('**/*.npy', cwd)).toEqual(['a2.npy', 'a10.npy', 'b/a1.npy']);
    expect(names('{a2,b/a1}.npy', cwd)).toEqual(['a2.npy', 'b/a1.npy']);
  });

  test('names are as the user would write them', () => {
    const cwd = folderOf({ 'a/x1.npy': 'x', 'b/x1.npy': 'x' });
    expect(names(`${cwd}/*/x?.npy`, cwd)).toEqual([`${cwd}/a/x1.npy`, `${cwd}/b/x1.npy`]);
    expect(names('../b/*.npy', join(cwd, 'a'))).toEqual(['../b/x1.npy']);
    expect(names('./*/x1.npy', cwd)).toEqual(['a/x1.npy', 'b/x1.npy']);
  });

  test('what exists is taken literally, folders of a glob too', () => {
    const cwd = folderOf({
      'a[1].npy': 'x',
      'a1.npy': 'x',
      '*.npy': 'x',
      'run (1)/[x]/a1.npy': 'x',
      'run 1/[x]/a1.npy': 'x',
    });
    expect(names('a[1].npy', cwd)).toEqual(['a[1].npy']);
    expect(names('*.npy', cwd)).toEqual(['*.npy']);
    expect(names('run (1)/[x]/a?.npy', cwd)).toEqual(['run (1)/[x]/a1.npy']);
    expect(names(`${cwd}/run (1)/**/*.npy`, cwd)).toEqual([`${cwd}/run (1)/[x]/a1.npy`]);
  });

  test('one file under two names counts once, under the first', () => {
    const cwd = folderOf({ 'store/one': 'x', 'store/two': 'x' });
    symlinkSync('store/one', join(cwd, 'a.npy'));
    symlinkSync('store/two', join(cwd, 'b.npy'));
    symlinkSync('store/one', join(cwd, 'c.npy'));
    symlinkSync('store', join(cwd, 'linked'));
    expect(discover(['*.npy', 'linked/*', 'store/one'], '--logits', cwd)).toEqual([
      { name: 'a.npy', path: join(cwd, 'a.npy') },
      { name: 'b.npy', path: join(cwd, 'b.npy') },
    ]);
  });

  test('a missing file', () => {
    const cwd = folderOf({ 'd/logits.npy': 'x' });
    expect(() => names('d/logit.npy', cwd)).toThrow(
      inputError('--logits d/logit.npy: no such file. Did you mean d/logits.npy?'),
    );
    expect(() => names('d/weights.npy', cwd)).toThrow(
      inputError('--logits d/weights.npy: no such file. Check the path'),
    );
    expect(() => names('e/logits.npy', cwd)).toThrow(
      inputError('--logits e/logits.npy: no such file. There is no folder e'),
    );
  });

  test('a glob without a match', () => {
    const cwd = folderOf({ 'd/part2.npy': 'x', 'd/part1.npy': 'x', 'one/x': 'x' });
    mkdirSync(join(cwd, 'empty'));
    const found = '--labels d/*.npz: the glob matches no file. Looked in d/, which holds part1.npy and 1 more';
    expect(() => discover(['d/*.npy', 'd/*.npz'], '--labels', cwd)).toThrow(inputError(found));
    expect(() => names('*.npy', cwd)).toThrow(
      inputError('--logits *.npy: the glob matches no file. Looked in the working directory, which holds d and 2 more'),
    );
    expect(() => names('one/*.npy', cwd)).toThrow(
      inputError('--logits one/*.npy: the glob matches no file. Looked in one/, which holds x'),
    );
    expect(() => names('empty/*', cwd)).toThrow(
      inputError('--logits empty/*: the glob matches no file. Looked in empty/, which is empty'),
    );
  });

  test('a folder gives what in it can hold arrays, deep too, but no weights of ours', () => {
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
    expect(names('d', cwd)).toEqual(found);
    expect(names('./d/', cwd)).toEqual(found);
    expect(() => names('e', cwd)).toThrow(
      inputError('--logits e: neither the folder nor those below it hold files of arrays, such as .npy or .npz'),
    );
  });

  test('a list gives its lines in their order; beside others it is one of them', () => {
    const cwd = folderOf({
      'b.npy': 'x',
      'a 1.npy': 'x',
      'c*.npy': 'x',
      '@d': 'x',
      'list.txt': 'b.npy\r\n\na 1.npy\nc*.npy\nb.npy',
    });
    expect(names('@list.txt', cwd)).toEqual(['b.npy', 'a 1.npy', 'c*.npy', 'b.npy']);
    expect(names(['@list.txt', 'b.npy'], cwd)).toEqual(['a 1.npy', 'b.npy', 'c*.npy']);
    expect(names('@d', cwd)).toEqual(['@d']);
  });

  test('a list that is missing, empty, or names what is not there', () => {
    const cwd = folderOf({ 'a.npy': 'x', empty: '\n \n', bad: 'a.npy\n\nb.npy\n', nothing: '', zero: 'a\0b' });
    expect(() => names('@no', cwd)).toThrow(inputError('--logits @no: no such file'));
    expect(() => names('@empty', cwd)).toThrow(inputError('--logits @empty: lists no files; expected one path a line'));
    expect(() => names('@nothing', cwd)).toThrow(
      inputError('--logits @nothing: is empty (0 bytes); expected a path a line'),
    );
    expect(() => names('@bad', cwd)).toThrow(inputError('--logits @bad: line 3: b.npy: no such file'));
    expect(() => names('@zero', cwd)).toThrow(
      inputError('--logits @zero: line 1: expected a path, found a zero byte in it'),
    );
  });

  test('nothing, an empty text', () => {
    const cwd = folderOf({ 'd/x.npy': 'x' });
    expect(() => names([], cwd)).toThrow(usageError('--logits: expected at least one file or glob, found none'));
    expect(() => names(['d/*', ''], cwd)).toThrow(usageError('--logits: expected a file or glob, found an empty text'));
  });

  test('a link to nothing is no file', () => {
    const cwd = folderOf({ 'a.npy': 'x' });
    symlinkSync('gone', join(cwd, 'b.npy'));
    expect(names('*.npy', cwd)).toEqual(['a.npy']);
    expect(() => names('b.npy', cwd)).toThrow(/^--logits b\.npy: no such file/);
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
