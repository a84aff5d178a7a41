import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { candidates, completionLines } from '../../src/cli/completion.ts';
import { folderOf } from '../sources/npy-files.ts';
import { GHM, ghm } from './ghm.ts';

const base = { usage: '', about: '', examples: [], run: async () => {} };
const COMMANDS: Command[] = [
  {
    ...base,
    name: 'weigh',
    summary: 'weigh samples',
    takesWords: true,
    flags: {
      logits: { kind: 'list', group: 'In:', describe: 'files' },
      format: { kind: 'value', group: 'Out:', describe: 'a format: csv or npy', choices: ['csv', 'npy'] },
      force: { kind: 'switch', group: 'Out:', describe: 'replace' },
    },
  },
  { ...base, name: 'show', summary: 'show all', flags: { full: { kind: 'switch', group: 'Out:', describe: 'more' } } },
  { ...base, name: 'shell', summary: 'a script', flags: {}, takesWords: true, words: ['bash', 'zsh'] },
];
const next = (...words: string[]) => candidates(words, COMMANDS).map(({ word }) => word);

describe('what can come next', () => {
  it('commands, and what stands in their place', () => {
    expect(next('')).toEqual(['weigh', 'show', 'shell']);
    expect(next('sh')).toEqual(['show', 'shell']);
    expect(next('-')).toEqual(['--help', '--version']);
    expect(next('help', 'w')).toEqual(['weigh']);
    expect(next('wegh', '')).toEqual([]);
  });

  it('options that are not given yet, lists again and again', () => {
    expect(next('weigh', '-')).toEqual(['--logits', '--format', '--force', '--help']);
    expect(next('weigh', '--logits', 'a', '--force', '--fo')).toEqual(['--format']);
    expect(next('weigh', '--logits', 'a', '--l')).toEqual(['--logits']);
    expect(next('show', '')).toEqual(['--full', '--help']);
  });

  it('values where they are few, however the shell splits them', () => {
    for (const words of [
      ['--format', ''],
      ['--format', '='],
      ['--format', '=', ''],
    ]) {
      expect(next('weigh', ...words)).toEqual(['csv', 'npy']);
    }
    expect(next('weigh', '--format', 'n')).toEqual(['npy']);
    expect(next('weigh', '--format=c')).toEqual(['--format=csv']);
    expect(next('shell', '')).toEqual(['bash', 'zsh']);
    expect(next('shell', 'z')).toEqual(['zsh']);
  });

  it('nothing where a file belongs', () => {
    for (const words of [[''], ['dumps/a'], ['--logits', ''], ['--', '-'], ['--strange=', ''], ['--toString', '']]) {
      expect(next('weigh', ...words)).toEqual([]);
    }
  });

  it('zsh is told what it is', () => {
    expect(completionLines('zsh', candidates(['weigh', '--for'], COMMANDS))).toEqual([
      '--format:a format: csv or npy',
      '--force:replace',
    ]);
    expect(completionLines('zsh', [{ word: 'a:b', describe: '' }])).toEqual(['a\\:b']);
  });
});

it('bash completes by the script that is printed', async () => {
  const { stdout: script, exitCode } = await ghm('completion', 'bash');
  expect(exitCode).toBe(0);
  const folder = folderOf({ ghm: `#!/bin/sh\nexec "${process.execPath}" "${GHM}" "$@"\n` });
  chmodSync(`${folder}/ghm`, 0o755);
  const complete = (line: string) => {
    const words = line.split(' ');
    const typed = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const code = `${script}\n${typed}; _ghm_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    return spawnSync('bash', ['-c', code], { encoding: 'utf8', env }).stdout.trim().split('\n');
  };
  expect(complete('ghm outl')).toEqual(['outliers']);
  expect(complete('ghm outliers --m')).toEqual(['--mu', '--min-g', '--memory']);
  expect(complete('ghm outliers --format j')).toEqual(['jsonl']);
  expect(complete('ghm outliers dump')).toEqual(['']);
});

it.each([
  [[], '--completion: expected bash or zsh, found an empty text'],
  [['fish'], '--completion: expected bash or zsh, found "fish"'],
  [['bash', 'zsh'], 'completion is for one shell, found "zsh" too'],
])('completion %j is wrong usage', async (args, message) => {
  expect(await ghm('completion', ...args)).toEqual({ exitCode: 2, stdout: '', stderr: `ghm: ${message}\n` });
});
