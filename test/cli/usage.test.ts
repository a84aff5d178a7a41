import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GHM, ghm } from './ghm.ts';

const COMMANDS = [
  'reweight',
  'histogram',
  'merge',
  'apply',
  'finish',
  'worker',
  'submit',
  'report',
  'outliers',
  'inspect',
  'verify',
  'completion',
  'generate',
  'demo',
];
const STREAM = ['--logits', 'a.npy', '--labels', 'b.npy'];

describe('ghm', () => {
  it('alone says what to do first', async () => {
    const { exitCode, stdout, stderr } = await ghm();
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    for (const first of ['ghm demo', 'ghm inspect', 'ghm reweight']) expect(stderr).toContain(`  ${first} `);
  });

  it.each(['--version', '-V'])('%s prints the version of the package', async (flag) => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await ghm(flag)).toEqual({ exitCode: 0, stdout: `ghm ${version}\n`, stderr: '' });
  });

  it('--version loads next to nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ghm-coverage-'));
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    spawnSync(process.execPath, [GHM, '--version'], { env });
    const [file] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { result: { url: string }[] };
    rmSync(folder, { recursive: true });
    const loaded = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    expect(loaded[0]).toMatch(/main\.js$/);
    // the entry, where files of the package are, and what the build shares between all chunks
    expect(loaded.length).toBeLessThanOrEqual(3);
  });

  it('--help lists every command', async () => {
    const { exitCode, stdout, stderr } = await ghm('--help');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}ghm ${command} `, 'm'));
  });

  it.each(COMMANDS)('%s --help shows its usage and an example, and fits 80 columns', async (command) => {
    const { exitCode, stdout, stderr } = await ghm(command, '--help');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.startsWith(`ghm ${command} `)).toBe(true);
    expect(stdout).toMatch(new RegExp(`\nExamples:\n {2}ghm ${command}`));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('wrong usage exits with 2, before anything is read', () => {
  it.each([
    [['rewieght'], 'unknown command "rewieght"; did you mean reweight?'],
    [['reweight'], '--logits: expected at least one file or quoted glob'],
    [
      ['reweight', 'a.npz', ...STREAM, '--out', 'o'],
      '--logits: files given without a flag hold their own arrays, found a.npz',
    ],
    [['generate', 'a.npy', '--out', 'o'], 'generate takes no words without a flag, found "a.npy"'],
    [['reweight', ...STREAM], '--out: expected the folder to write into, found nothing'],
    [
      ['reweight', ...STREAM, '--out', 'o', '--bins', 'abc'],
      '--bins: expected an integer from 1 to 10000, found "abc"',
    ],
    [
      ['reweight', ...STREAM, '--out', 'o', '--density', 'windw'],
      '--density: expected unit-region or window, found "windw"; did you mean window?',
    ],
    [
      ['reweight', ...STREAM, '--out', 'o', '--density', 'window', '--epsilon', '2.5'],
      '--epsilon: expected a number above 0 and at most 2, found 2.5',
    ],
    [
      ['apply', ...STREAM, '--density', 'a.ghm', '--out', 'o', '--epsilon', '0.1'],
      '--epsilon is the width of windows: add --method window, or drop it',
    ],
    [
      ['reweight', ...STREAM, '--out', 'o', '--task', 'segmentation'],
      '--task: expected classification, softmax or regression, found "segmentation"',
    ],
    [
      ['reweight', ...STREAM, '--out', 'o', '--mu', '0.1'],
      '--mu is for --task regression, and the task is classification: add --task regression, or drop it',
    ],
    [
      ['reweight', ...STREAM, '--out', 'o', '--task', 'regression'],
      '--logits: --task regression has no logits and no labels; its arrays are named with --bbox-pred, --bbox-target',
    ],
    [['histogram', ...STREAM, '--out', 'f', '--max-weight', '3'], 'histogram has no option --max-weight'],
    [['apply', ...STREAM, '--out', 'o'], '--density: expected the file of a partial or a density.json, found nothing'],
    [['merge', '--out', 'f'], 'partials: expected at least one file, folder or quoted glob, found nothing'],
    [['inspect'], 'files: expected at least one file or quoted glob, found nothing'],
    [['generate', '--out', 'o'], '--samples: expected how many samples'],
    [['generate', '--out', 'o', '--samples', 'ten'], '--samples: expected an integer from 1'],
    [['demo', '--out', ''], '--out: expected the folder to write into, found an empty text'],
    [['demo', '--memory', '1M', '--json'], '--memory: expected a size from 8MiB to 3.5GiB'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await ghm(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.startsWith('ghm: ')).toBe(true);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('\x1b');
  });
});

it('a reader of the output who leaves early is no error', () => {
  const { stdout, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${GHM}" reweight --help | head -n 1`], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('ghm reweight (FILES.. | --logits FILES --labels FILES) --out DIR [options]\n');
  expect(stderr).toBe('');
});
