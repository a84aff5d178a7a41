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
  [
    ['/d/a.npz', '/d/b.safetensors', '/d/c.npy.gz', '/d/e.npy.zst', '/d/f.gz'],
    ['a', 'b', 'c', 'e', 'f.gz'],
  ],
])('outputNames of %j', (paths, names) => {
  expect(outputNames(paths.map((path) => ({ path, key: null })))).toEqual(names);
});

test('arrays of one file are named by their keys, which cannot climb out', () => {
  const keys = ['img1.logits', '../img2/logits', 'a\\b', '/etc/passwd', '..', '\x1b[2J\n\0\u0085\u202e.x', '__proto__'];
  const origins = keys.map((key) => ({ path: '/d/x.npz', key }));
  expect(outputNames(origins)).toEqual([
    ...['x.img1.logits', 'x....img2.logits', 'x.a.b', 'x..etc.passwd', 'x...', 'x..[2J.....x', 'x.__proto__'],
  ]);
});
