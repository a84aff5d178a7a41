import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { MAIN } from './command.ts';
import { npy } from './npy-data.ts';

const LOGITS = npy('float32', [4, 2], [-3, -2, -1, 0, 1, 2, 3, 4]);
const LABELS = npy('int64', [4], [0, 1, 2, -1]);

function ghm(folder: string, args: readonly string[], input: Uint8Array) {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, input, timeout: 30_000, killSignal: 'SIGKILL' });
}

it('weights of standard input, plain or packed, go to standard output, the very bytes of a file', () => {
  const folder = folderOf({ 'x.npy': LOGITS, 'y.npy': LABELS });
  const file = ghm(folder, ['reweight', '--logits', 'x.npy', '--labels', 'y.npy', '--out', 'out', '--quiet'], LOGITS);
  expect(file.status).toBe(0);
  const beta = readFileSync(join(folder, 'out/x.beta.npy'));
  for (const input of [LOGITS, gzipSync(LOGITS)]) {
    const { status, stdout } = ghm(folder, ['reweight', '--logits', '-', '--labels', 'y.npy', '--out', '-'], input);
    expect(status).toBe(0);
    expect(stdout.equals(beta)).toBe(true);
  }
});

it('histogram and apply read standard input too, and apply writes to standard output', () => {
  const folder = folderOf({ 'x.npy': LOGITS, 'y.npy': LABELS });
  const inputs = ['--logits', '-', '--labels', 'y.npy'];
  const whole = ghm(folder, ['reweight', ...inputs, '--out', '-'], LOGITS);
  const counted = ghm(folder, ['histogram', ...inputs, '--out', 'x.ghm', '--quiet'], LOGITS);
  expect(counted.status).toBe(0);
  const { status, stdout } = ghm(folder, ['apply', '--density', 'x.ghm', ...inputs, '--out', '-'], gzipSync(LOGITS));
  expect(status).toBe(0);
  expect(stdout.equals(whole.stdout)).toBe(true);
  expect(stdout.length).toBeGreaterThan(0);
});

it('- more than once, or no data', () => {
  const folder = folderOf({ 'x.npy': LOGITS, 'y.npy': LABELS });
  const twice = ghm(folder, ['reweight', '--logits', '-', '--labels', '-', '--out', 'out'], LOGITS);
  expect(twice.status).toBe(2);
  expect(twice.stderr.toString()).toBe(
    'ghm: -: standard input is one file; expected it once, and alone in its option\n',
  );
  const empty = ghm(folder, ['reweight', '--logits', '-', '--labels', 'y.npy', '--out', '-'], new Uint8Array(0));
  expect(empty.status).toBe(3);
  expect(empty.stderr.toString()).toMatch(/standard-input: is empty \(0 bytes\)/);
  expect(empty.stdout).toHaveLength(0);
});
