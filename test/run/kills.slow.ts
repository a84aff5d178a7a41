import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generate } from '../../src/index.ts';
import { MAIN, runGhm } from './command.ts';
import { npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

const SAMPLES = 800_000;
/** Kills of all configurations together are at least 200. */
const KILLS_EACH = 25;

let place = '';
const at = (name: string): string => join(place, name);

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'ghm-kills-'));
  const stream = { samples: SAMPLES, samplesPerPart: 300_000 };
  await generate({ ...stream, out: at('binary') });
  await generate({ ...stream, out: at('index'), form: 'index', classes: 4, dtype: 'float16' });
  await generate({ ...stream, out: at('weighted'), labelWeights: true });
  const random = uniform(3);
  const logits = Float32Array.from({ length: 300_000 }, () => 10 * (random() - 0.8));
  writeFileSync(at('x.npy.gz'), gzipSync(npy('float32', [300_000], logits)));
  writeFileSync(
    at('y.npy'),
    npy(
      'uint8',
      [300_000],
      logits.map((x) => (x > 0 ? 1 : 0)),
    ),
  );
  const counting = ['histogram', ...inputs('binary'), '--out', 'all.ghm', '--quiet'];
  expect(await runGhm(counting, place)).toMatchObject({ exitCode: 0, stderr: '' });
  // a second lasts 50 ms here: small runs keep their state as long ones do
  writeFileSync(
    at('hurry.cjs'),
    'const now = performance.now.bind(performance);\nperformance.now = () => 20 * now();\n',
  );
}, 120_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

const inputs = (folder: string): string[] => [
  '--logits',
  `${folder}/*.logits.npy`,
  '--labels',
  `${folder}/*.labels.npy`,
];

/** Starts ghm; `after` milliseconds it is killed, unless it has ended. Resolves to its exit code, `null` where it was killed. */
function runFor(args: readonly string[], after: number): Promise<{ exitCode: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--require', at('hurry.cjs'), MAIN, ...args, '--quiet'], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGABRT',
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stderr });
    });
  });
}

/** What lasts of the outputs that have their names, in a folder: path and hash of each. */
function finals(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => !name.startsWith('.') && !TIMED.includes(name));
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** Outputs that hold times. */
const TIMED = ['summary.json', 'report.html'];

describe('kill -9 at random moments, then --resume', () => {
  const configurations: Record<string, string[]> = {
    'npy, both passes': ['reweight', ...inputs('binary')],
    'npz of float16, a group a class': [
      ...['reweight', ...inputs('index'), '--group', 'class'],
      ...['--format', 'npz', '--output-dtype', 'float16'],
    ],
    'windows, safetensors, label weights': [
      ...['reweight', ...inputs('weighted'), '--label-weights', 'weighted/*.label_weights.npy'],
      ...['--density', 'window', '--format', 'safetensors'],
    ],
    batches: ['reweight', ...inputs('binary'), '--batch', 'rows:100000', '--momentum', '0.5'],
    'arrow tables': ['reweight', ...inputs('binary'), '--format', 'arrow', '--output-dtype', 'code'],
    'compressed input': ['reweight', '--logits', 'x.npy.gz', '--labels', 'y.npy'],
    'the second pass alone': ['apply', ...inputs('binary'), '--density', 'all.ghm'],
    'the first pass alone': ['histogram', ...inputs('binary')],
  };

  it.each(Object.entries(configurations))('%s', async (name, args) => {
    const random = uniform(name.length);
    const stem = name.replace(/\W+/g, '-');
    const folder = (round: number): string => join(stem, `${round}`);
    const out = (round: number): string => join(folder(round), args[0] === 'histogram' ? 'part.ghm' : '');
    const begun = performance.now();
    expect(await runFor([...args, '--out', out(0)], 60_000)).toEqual({ exitCode: 0, stderr: '' });
    const duration = performance.now() - begun;
    const whole = finals(at(folder(0)));
    let kills = 0;
    for (let round = 1; kills < KILLS_EACH; round++) {
      const command = [...args, '--out', out(round)];
      for (let resume: string[] = []; ; resume = ['--resume']) {
        // a run that was killed often enough is left alone
        const patience = kills >= KILLS_EACH || random() < 0.1 ? 60_000 : random() * duration;
        const { exitCode, stderr } = await runFor([...command, ...resume], patience);
        // what has its name is whole
        expect(whole).toMatchObject(finals(at(folder(round))));
        if (exitCode === 0) break;
        expect([exitCode, stderr.replace(/^ghm: warning: .*: this run was finished before, .*\n/, '')]).toEqual([
          null,
          '',
        ]);
        kills++;
      }
      expect(finals(at(folder(round)))).toEqual(whole);
      expect(readdirSync(at(folder(round)))).toEqual(readdirSync(at(folder(0))));
      rmSync(at(folder(round)), { recursive: true });
    }
    expect(kills).toBeGreaterThanOrEqual(KILLS_EACH);
  });
});
