import { expect, it } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';

const good = { 'x.npy': npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]), 'y.npy': npy('int64', [3], [2, 0, 1]) };

it.each([
  ['a missing file', good, ['--logits', 'no.npy', '--labels', 'y.npy', '--out', 'out'], 3, 'no.npy'],
  ['a bad row', { ...good, 'y.npy': npy('int8', [3], [0, 9, 0]) }, [], 3, 'row 1'],
  ['output in the folder of the inputs', good, ['--logits', 'x.npy', '--labels', 'y.npy', '--out', '.'], 2, '--out .'],
  ['an existing output', { ...good, 'out/x.beta.npy': 'mine' }, [], 2, '--force'],
  ['a wrong option', good, ['--logits', 'x.npy', '--labels', 'y.npy', '--out', 'out', '--bins', '0'], 2, '--bins'],
  ['no output folder', good, ['--logits', 'x.npy', '--labels', 'y.npy'], 2, '--out'],
] as const)('%s: one message on standard error, its exit code, nothing written', async (_, files, args, code, word) => {
  const folder = folderOf(files);
  const before = treeOf(folder);
  const plain = ['--logits', 'x.npy', '--labels', 'y.npy', '--out', 'out'];
  const { exitCode, stdout, stderr } = await runGhm(
    ['reweight', ...(args.length > 0 ? args : plain), '--json'],
    folder,
  );
  expect([exitCode, stdout]).toEqual([code, '']);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^ghm: /);
  expect(lines[0]).toContain(word);
  expect(treeOf(folder)).toEqual(before);
});
