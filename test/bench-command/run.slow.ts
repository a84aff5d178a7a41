import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bench } from '../../src/bench/bench.ts';
import { benchMarkdown } from '../../src/bench/markdown.ts';
import type { BenchReport } from '../../src/bench/report.ts';
import { generate } from '../../src/generate/generate.ts';
import { benchReport } from '../../src/report/terminal/bench-report.ts';
import { histogram } from '../../src/run/histogram.ts';
import { tensorBackend } from '../../src/tfjs/backend.ts';
import { type Ended, ghm } from '../cli/ghm.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-bench-run-'));
const dir = join(folder, 'temporary');
mkdirSync(dir);
afterAll(() => rmSync(folder, { recursive: true }));

const SAMPLES = 300_000;
const TINY = ['--quick', '--samples', '300k', '--seed', '5', '--threads', '1,3', '--runs', '2', '--dir', dir];

describe('ghm bench, tiny', () => {
  const files = ['json', 'markdown', 'svg'].map((format) => join(folder, `bench.${format}`));
  let ended: Ended;
  let report: BenchReport;
  beforeAll(async () => {
    const exports = ['json', 'markdown', 'svg'].flatMap((format, i) => [`--export-${format}`, files[i]]);
    ended = await ghm('bench', ...TINY, ...exports, '--json');
    report = JSON.parse(ended.stdout || '{}');
  });

  test('ends well, with one object on standard output', () => {
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stdout.split('\n')).toHaveLength(2);
  });

  test('says what the figures depend on', () => {
    expect(report).toMatchObject({
      schema: 'ghm.bench/1',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      machine: {
        cpu: expect.any(String),
        cores: expect.any(Number),
        memoryBytes: expect.any(Number),
        platform: `${process.platform}-${process.arch}`,
        node: process.version,
        v8: process.versions.v8,
      },
      kernels: { bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      options: { threads: [1, 3], samples: 300_032, seed: 5, runs: 2, warmup: 1, bins: 30, quick: true, dir },
      chunkSamples: 131_072,
      classes: 80,
      fileSystem: expect.any(String),
    });
  });

  test('measures every work, in every place, with every number of threads', () => {
    const names = new Set(report.measurements.map(({ place, work, data }) => `${place} ${work} ${data}`));
    expect([...names].sort()).toEqual(
      [
        ...['cache', 'memory'].flatMap((place) => [
          ...['read', 'count', 'copy', 'write', 'weigh'].map((work) => `${place} ${work} float32`),
          ...['float32-rows', 'float16'].flatMap((data) => [`${place} read ${data}`, `${place} count ${data}`]),
        ]),
        ...['read', 'write', 'count', 'weigh', 'reweight'].map((work) => `files ${work} float32`),
      ].sort(),
    );
    expect(report.measurements).toHaveLength(2 * names.size);
    for (const measured of report.measurements) {
      expect(measured.seconds.runs).toHaveLength(2);
      expect(measured.samplesPerSecond).toBeGreaterThan(0);
      expect(measured.speedUp).toBeGreaterThan(0);
      expect(measured.ofLimit === null).toBe(['read', 'copy', 'write'].includes(measured.work));
    }
  });

  test('counts what histogram counts in the stream that generate makes', async () => {
    const cases = [
      { data: 'float32', samples: 300_032 },
      { data: 'float32-rows', samples: 296_960, form: 'index' },
      { data: 'float16', samples: 300_032, dtype: 'float16' },
    ] as const;
    for (const { data, samples, ...shape } of cases) {
      const out = join(folder, data);
      await generate({ samples, seed: 5, out, ...shape });
      const partial = await histogram({
        logits: join(out, '*.logits.npy'),
        labels: join(out, '*.labels.npy'),
        out: join(folder, `${data}.ghm`),
      });
      const result = report.results.find((one) => one.data === data);
      expect(result).toMatchObject({ samples, positives: partial.positives, counts: partial.counts });
      expect(result?.counts.reduce((sum, count) => sum + count, 0)).toBe(samples);
    }
    expect(report.results[0]?.weightsCrc32).toMatch(/^[0-9a-f]{8}$/);
  });

  test('exports, and leaves nothing else', () => {
    expect(JSON.parse(readFileSync(files[0], 'utf8'))).toEqual(report);
    expect(readFileSync(files[1], 'utf8')).toContain('| count float32 | 3 |');
    expect(readFileSync(files[2], 'utf8')).toContain('whole reweight');
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('without --json the tables are on standard output, the rest on standard error', async () => {
  const tiny = TINY.map((word) => (word === '2' ? '1' : word));
  const { exitCode, stdout, stderr } = await ghm('bench', ...tiny, '--warmup', '0');
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^from files: 300,032 samples /m);
  expect(stdout).toMatch(/^reweight, whole {9}1 /m);
  // progress is said where a step takes seconds, as on a busy machine
  expect(stderr.replace(/^(?:ghm: warning: |memory {2}|files {2}).*\n/gm, '')).toBe('');
});

describe('ghm bench --engine tfjs, tiny', () => {
  test('measures tensors beside the kernels, checks their counts, and says which they were', async () => {
    const { tf: _, ...backend } = await tensorBackend();
    const once = TINY.map((word) => (word === '1,3' || word === '2' ? '1' : word));
    const run = await ghm('bench', ...once, '--warmup', '0', '--engine', 'tfjs', '--json');
    expect(run.exitCode, run.stderr).toBe(0);
    const report: BenchReport = JSON.parse(run.stdout);
    expect(report.engine).toEqual({ name: 'tfjs', backend, samples: 300_032 });
    const own = report.measurements.filter(({ place }) => place === 'engine');
    expect(new Set(own.map(({ work }) => work))).toEqual(new Set(['count', 'weigh', 'reweight']));
    for (const { work, threads, samplesPerSecond, ofLimit } of own) {
      const kernels = report.measurements.find(
        (one) => one.place === 'files' && one.work === work && one.threads === threads,
      );
      expect(ofLimit).toBeCloseTo(samplesPerSecond / (kernels?.samplesPerSecond ?? 0), 6);
    }
    const shown = benchReport(report, { width: 100, bar: '#' }).join('\n');
    expect(shown).toContain('\nby tensors, --engine tfjs: 300,032 samples in such files\n');
    expect(shown).toContain(`tensors: ${backend.package} ${backend.version}, backend ${backend.backend} (`);
    expect(benchMarkdown(report)).toContain('## By tensors, --engine tfjs: 300,032 samples in such files');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('without the native library that was asked for measures nothing', async ({ skip }) => {
    const refused = await tensorBackend('tfjs-node').then(
      () => null,
      (error: Error) => error.message,
    );
    if (refused === null) return skip('the native library loads here');
    const run = await ghm('bench', ...TINY, '--engine', 'tfjs-node', '--json');
    expect([run.exitCode, run.stdout]).toEqual([1, '']);
    expect(run.stderr.endsWith(`ghm: ${refused}\n`), run.stderr).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('an export that exists is refused before anything is measured', async () => {
  const there = join(folder, 'there');
  mkdirSync(there);
  const { exitCode, stderr } = await ghm('bench', '--export-json', there);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(`ghm: --export-json ${there}: expected a file to write, found a folder\n`);
});

describe('an abort ends it, and the temporary folder is gone', () => {
  test.each(['memory', 'files'] as const)('during %s', async (stage) => {
    const controller = new AbortController();
    const stages: string[] = [];
    const run = bench({
      samples: SAMPLES,
      threads: [2],
      runs: 3,
      dir,
      signal: controller.signal,
      onProgress(progress) {
        stages.push(progress.stage);
        if (progress.stage === stage) controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ exitCode: 130 });
    expect(stages.at(-1)).toBe(stage);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('before it began', async () => {
    await expect(bench({ samples: SAMPLES, dir, signal: AbortSignal.abort() })).rejects.toMatchObject({
      exitCode: 130,
    });
    expect(existsSync(dir)).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
  });
});
