import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usageError } from '../../src/errors.ts';
import type { StreamOptions } from '../../src/options/options.ts';
import { checkOutputPlace } from '../../src/sources/output-place.ts';
import { resolveParts } from '../../src/sources/parts.ts';
import { folderOf, zeros } from './npy-files.ts';

const inputs = () =>
  folderOf({
    'in/a/1.logits.npy': zeros('float32', 2),
    'in/b/2.logits.npy': zeros('float32', 2),
    'labels/1.npy': zeros('int8', 2),
    'labels/2.npy': zeros('int8', 2),
    'w/1.npy': zeros('int8', 2),
    'w/2.npy': zeros('int8', 2),
    'notes.txt': 'x',
  });
const OPTIONS = { logits: 'in/*/*.logits.npy', labels: 'labels/*.npy', labelWeights: 'w/*' };

function check(cwd: string, out: string, options: StreamOptions = OPTIONS): void {
  checkOutputPlace(out, resolveParts(options, cwd).parts, options, '.beta.npy', cwd);
}

test('a folder of its own is fine: elsewhere, new, or below or above the inputs', () => {
  const cwd = inputs();
  mkdirSync(join(cwd, 'there'));
  for (const out of ['out', 'there', 'deep/er/out', 'labels/out', 'in/a/out', 'in', '.', join(cwd, 'out')])
    check(cwd, out);
});

test('x.npy with out beside it', () => {
  const cwd = folderOf({ 'x.npy': zeros('float32', 2), 'y.npy': zeros('int8', 2) });
  check(cwd, 'out', { logits: './x.npy', labels: './y.npy' });
  check(cwd, 'out', { logits: 'x*.npy', labels: 'y*.npy' });
});

test('a folder of an input, also by another path', () => {
  const cwd = inputs();
  symlinkSync('labels', join(cwd, 'linked'));
  const of = (out: string, name: string, advice: string) =>
    usageError(`--out ${out}: is the folder of the input ${name}. Write to a folder of its own, such as ${advice}`);
  expect(() => check(cwd, 'in/b')).toThrow(of('in/b', 'in/b/2.logits.npy', 'in/b/ghm'));
  expect(() => check(cwd, 'labels/')).toThrow(of('labels/', 'labels/1.npy', 'labels/ghm'));
  expect(() => check(cwd, 'in/../w')).toThrow(of('in/../w', 'w/1.npy', 'w/ghm'));
  expect(() => check(cwd, 'linked')).toThrow(of('linked', 'labels/1.npy', 'linked/ghm'));
});

test('a folder of a link to an input, and the folder it points to', () => {
  const cwd = folderOf({ 'store/1': zeros('float32', 2), 'labels/y.npy': zeros('int8', 2) });
  mkdirSync(join(cwd, 'in'));
  symlinkSync('../store/1', join(cwd, 'in/x.npy'));
  const options = { logits: 'in/x.npy', labels: 'labels/y.npy' };
  expect(() => check(cwd, 'in', options)).toThrow(/^--out in: is the folder of the input in\/x\.npy/);
  expect(() => check(cwd, 'store', options)).toThrow(/^--out store: is the folder of the input in\/x\.npy/);
});

test('a file, or below one', () => {
  const cwd = inputs();
  expect(() => check(cwd, 'notes.txt')).toThrow(usageError('--out notes.txt: is a file; expected a folder'));
  expect(() => check(cwd, 'labels/1.npy')).toThrow(
    usageError('--out labels/1.npy: is the input labels/1.npy; expected a folder'),
  );
  expect(() => check(cwd, 'labels/1.npy/a/b')).toThrow(
    usageError(
      `--out labels/1.npy/a/b: lies in ${cwd}/labels/1.npy, which is the input labels/1.npy; expected a folder`,
    ),
  );
  expect(() => check(cwd, 'notes.txt/a')).toThrow(
    usageError(`--out notes.txt/a: lies in ${cwd}/notes.txt, which is a file; expected a folder`),
  );
});

test('an output that is an input', () => {
  const cwd = folderOf({
    'in/a/x.npy': zeros('float32', 2),
    'in/b/y.npy': zeros('float32', 2),
    'out/a/x.beta.npy': zeros('int8', 2),
    'out/b/y.beta.npy': zeros('int8', 2),
  });
  expect(() => check(cwd, 'out', { logits: 'in/*/*.npy', labels: 'out/*/*.npy' })).toThrow(
    usageError('--out out: a/x.beta.npy in it is the input out/a/x.beta.npy. Write to a folder of its own'),
  );
});

test('a pattern that would match outputs', () => {
  const cwd = inputs();
  const caught = (out: string, option: string, pattern: string, path: string) =>
    usageError(
      `--out ${out}: ${option} ${pattern} would match ${path}, so that the next run would read its own outputs. ` +
        'Write to a folder outside of it, or name the inputs more closely, such as *.logits.npy',
    );
  const logits = 'in/**/*.npy';
  expect(() => check(cwd, 'in/out', { ...OPTIONS, logits })).toThrow(
    caught('in/out', '--logits', logits, 'in/out/a/1.logits.beta.npy'),
  );
  expect(() => check(cwd, 'labels/out', { ...OPTIONS, labels: ['labels/1.npy', 'labels/**'] })).toThrow(
    caught('labels/out', '--labels', 'labels/**', 'labels/out/a/1.logits.beta.npy'),
  );
  expect(() => check(cwd, 'w/out', { ...OPTIONS, labelWeights: `${cwd}/w/**/*` })).toThrow(
    caught('w/out', '--label-weights', `${cwd}/w/**/*`, 'w/out/a/1.logits.beta.npy'),
  );
  check(cwd, 'out', { ...OPTIONS, logits });
  check(cwd, 'in/out', { ...OPTIONS, logits: 'in/**/*.logits.npy' });
});

test('a pattern that would match outputs through a link', () => {
  const cwd = inputs();
  symlinkSync('in', join(cwd, 'link'));
  expect(() => check(cwd, 'in/out', { ...OPTIONS, logits: 'link/**/*.npy' })).toThrow(/would read its own outputs/);
  expect(() => check(cwd, 'link/out', { ...OPTIONS, logits: 'in/**/*.npy' })).toThrow(/would read its own outputs/);
});
