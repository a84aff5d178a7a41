import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { breathing } from '../../src/breath.ts';
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

async function check(cwd: string, out: string, options: StreamOptions = OPTIONS): Promise<void> {
  await checkOutputPlace(out, (await resolveParts(options, cwd)).parts, options, '.beta.npy', breathing(), cwd);
}

test('a folder of its own is fine: elsewhere, new, or below or above the inputs', async () => {
  const cwd = inputs();
  mkdirSync(join(cwd, 'there'));
  for (const out of ['out', 'there', 'deep/er/out', 'labels/out', 'in/a/out', 'in', '.', join(cwd, 'out')])
    await check(cwd, out);
});

test('x.npy with out beside it', async () => {
  const cwd = folderOf({ 'x.npy': zeros('float32', 2), 'y.npy': zeros('int8', 2) });
  await check(cwd, 'out', { logits: './x.npy', labels: './y.npy' });
  await check(cwd, 'out', { logits: 'x*.npy', labels: 'y*.npy' });
});

test('a folder of an input, also by another path', async () => {
  const cwd = inputs();
  symlinkSync('labels', join(cwd, 'linked'));
  const of = (out: string, name: string, advice: string) =>
    usageError(`--out ${out}: is the folder of the input ${name}. Write to a folder of its own, such as ${advice}`);
  await expect(check(cwd, 'in/b')).rejects.toThrow(of('in/b', 'in/b/2.logits.npy', 'in/b/ghm'));
  await expect(check(cwd, 'labels/')).rejects.toThrow(of('labels/', 'labels/1.npy', 'labels/ghm'));
  await expect(check(cwd, 'in/../w')).rejects.toThrow(of('in/../w', 'w/1.npy', 'w/ghm'));
  await expect(check(cwd, 'linked')).rejects.toThrow(of('linked', 'labels/1.npy', 'linked/ghm'));
});

test('a folder of a link to an input, and the folder it points to', async () => {
  const cwd = folderOf({ 'store/1': zeros('float32', 2), 'labels/y.npy': zeros('int8', 2) });
  mkdirSync(join(cwd, 'in'));
  symlinkSync('../store/1', join(cwd, 'in/x.npy'));
  const options = { logits: 'in/x.npy', labels: 'labels/y.npy' };
  await expect(check(cwd, 'in', options)).rejects.toThrow(/^--out in: is the folder of the input in\/x\.npy/);
  await expect(check(cwd, 'store', options)).rejects.toThrow(/^--out store: is the folder of the input in\/x\.npy/);
});

test('a file, or below one', async () => {
  const cwd = inputs();
  await expect(check(cwd, 'notes.txt')).rejects.toThrow(usageError('--out notes.txt: is a file; expected a folder'));
  await expect(check(cwd, 'labels/1.npy')).rejects.toThrow(
    usageError('--out labels/1.npy: is the input labels/1.npy; expected a folder'),
  );
  await expect(check(cwd, 'labels/1.npy/a/b')).rejects.toThrow(
    usageError(
      `--out labels/1.npy/a/b: lies in ${cwd}/labels/1.npy, which is the input labels/1.npy; expected a folder`,
    ),
  );
  await expect(check(cwd, 'notes.txt/a')).rejects.toThrow(
    usageError(`--out notes.txt/a: lies in ${cwd}/notes.txt, which is a file; expected a folder`),
  );
});

test('an output that is an input', async () => {
  const cwd = folderOf({
    'in/a/x.npy': zeros('float32', 2),
    'in/b/y.npy': zeros('float32', 2),
    'out/a/x.beta.npy': zeros('int8', 2),
    'out/b/y.beta.npy': zeros('int8', 2),
  });
  await expect(check(cwd, 'out', { logits: 'in/*/*.npy', labels: 'out/*/*.npy' })).rejects.toThrow(
    usageError('--out out: a/x.beta.npy in it is the input out/a/x.beta.npy. Write to a folder of its own'),
  );
});

test('a pattern that would match outputs', async () => {
  const cwd = inputs();
  const caught = (out: string, option: string, pattern: string, path: string) =>
    usageError(
      `--out ${out}: ${option} ${pattern} would match ${path}, so that the next run would read its own outputs. ` +
        'Write to a folder outside of it, or name the inputs more closely, such as *.logits.npy',
    );
  const logits = 'in/**/*.npy';
  await expect(check(cwd, 'in/out', { ...OPTIONS, logits })).rejects.toThrow(
    caught('in/out', '--logits', logits, 'in/out/a/1.logits.beta.npy'),
  );
  await expect(check(cwd, 'labels/out', { ...OPTIONS, labels: ['labels/1.npy', 'labels/**'] })).rejects.toThrow(
    caught('labels/out', '--labels', 'labels/**', 'labels/out/a/1.logits.beta.npy'),
  );
  await expect(check(cwd, 'w/out', { ...OPTIONS, labelWeights: `${cwd}/w/**/*` })).rejects.toThrow(
    caught('w/out', '--label-weights', `${cwd}/w/**/*`, 'w/out/a/1.logits.beta.npy'),
  );
  await check(cwd, 'out', { ...OPTIONS, logits });
  await check(cwd, 'in/out', { ...OPTIONS, logits: 'in/**/*.logits.npy' });
});

test('a pattern that would match outputs through a link', async () => {
  const cwd = inputs();
  symlinkSync('in', join(cwd, 'link'));
  await expect(check(cwd, 'in/out', { ...OPTIONS, logits: 'link/**/*.npy' })).rejects.toThrow(
    /would read its own outputs/,
  );
  await expect(check(cwd, 'link/out', { ...OPTIONS, logits: 'in/**/*.npy' })).rejects.toThrow(
    /would read its own outputs/,
  );
});
