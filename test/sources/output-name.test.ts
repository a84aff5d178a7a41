import { expect, test } from 'vitest';
import { outputNames } from '../../src/sources/output-name.ts';

test.each([
  [['/d/x.npy'], ['x']],
  [['/x.npy'], ['x']],
  [
    ['/x.npy', '/d/y.npy'],
    ['x', 'd/y'],
  ],
  [
    ['/d/a/x.npy', '/d/a/y.npy'],
    ['x', 'y'],
  ],
  [
    ['/d/a/x.npy', '/d/ab/x.npy'],
    ['a/x', 'ab/x'],
  ],
  [
    ['/d/a/x.npy', '/d/a/b/c/x.npy', '/d/a/y'],
    ['x', 'b/c/x', 'y'],
  ],
  [
    ['/d/x.npy.npy', '/d/.npy'],
    ['x.npy', '.npy'],
  ],
])('outputNames of %j', (paths, names) => {
  expect(outputNames(paths)).toEqual(names);
});
