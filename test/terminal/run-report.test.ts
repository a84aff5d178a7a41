import { describe, expect, it } from 'vitest';
import type { Density } from '../../src/density/density.ts';
import { regionLines } from '../../src/report/terminal/region-table.ts';
import { partialReport, runReport } from '../../src/report/terminal/run-report.ts';
import type { Summary } from '../../src/run/summary.ts';

const PAGE = { width: 80, bar: '#' };

const DENSITY: Density = {
  schema: 'ghm.density/1',
  task: 'classification',
  method: 'unit-region',
  bins: 4,
  normalize: 'valid-bins',
  maxWeight: 20,
  total: 1_010_100,
  ignored: 12,
  validBins: 3,
  edges: [0, 0.25, 0.5, 0.75, 1],
  counts: [1_000_000, 10_000, 0, 100],
  gradientDensity: [4_000_000, 40_000, 0, 400],
  beta: [0.3367, 33.67, 0, 3367],
  loss: { ce: 0.0123456, focal: 0.00123, ghmc: 0.5 },
};

const SUMMARY: Summary = {
  schema: 'ghm.summary/1',
  command: 'reweight',
  run: '00',
  version: '0.1.0',
  node: 'v20',
  platform: 'linux',
  started: '2026-01-01T00:00:00Z',
  seconds: 1.25,
  engine: { name: 'threads' },
  options: {},
  inputs: [],
  out: 'weights\x1b[2J',
  outputs: [
    { path: 'a.beta.npy', bytes: 4_040_528, crc32: '00000000' },
    { path: 'density.json', bytes: 400, crc32: '00000000' },
  ],
  samples: 1_010_112,
  passes: { count: { seconds: 0.5, samplesPerSecond: 2_020_224, bytes: 5_050_560 } },
  density: DENSITY,
  warnings: [],
  sha256: '',
};

describe('runReport', () => {
  it('says which tensors computed, and why those', () => {
    const backend = {
      package: '@tensorflow/tfjs',
      backend: 'cpu',
      version: '4.22.0',
      why: 'it was asked for',
    } as const;
    expect(runReport({ ...SUMMARY, engine: { name: 'tfjs', backend } }, PAGE)).toContain(
      'computed by @tensorflow/tfjs 4.22.0, backend cpu: it was asked for',
    );
  });

  it('says what there was, what it weighs, what was written, and how fast', () => {
    expect(runReport(SUMMARY, PAGE)).toEqual([
      '1,010,100 samples counted, 12 ignored (<0.1 %)',
      'mean loss: cross-entropy 0.01235, focal 0.00123, GHM-C 0.5',
      '',
      'gradient norm    samples     share    beta  samples, log scale',
      '0.000 - 0.250  1,000,000  99.000 %  0.3367  ################################',
      '0.250 - 0.500     10,000   0.990 %   33.67  #####################',
      '0.500 - 0.750          0       0 %       -',
      '0.750 - 1.000        100   0.010 %   3,367  ###########',
      '',
      'beta = N / (samples of the region x 3), no more than 20: 3 of 4 unit regions hold samples, valid-bins',
      'wrote 3 files, 4.04 MB, to weights[2J',
      'count 500 ms, 2.02 M samples/s, 10.1 MB/s',
      'in all 1.3 s',
    ]);
  });

  it('says where counts are not certain and losses not finite', () => {
    const density = { ...DENSITY, countsUncertain: 3, loss: { ce: null, focal: null, ghmc: null } };
    const lines = runReport({ ...SUMMARY, density }, PAGE);
    expect(lines).toContain('counts come from a partial: up to 3 samples may be in the region beside');
    expect(lines).toContain('mean loss: cross-entropy infinite, focal infinite, GHM-C infinite');
  });
});

describe('regionLines', () => {
  it('puts more than 30 regions into at most 20 rows, and says so', () => {
    const counts = Array.from({ length: 50 }, (_, j) => (j < 3 ? 10 ** j : 0));
    const beta = counts.map((count) => (count === 0 ? 0 : 1 / count));
    const lines = regionLines({ counts, beta, total: 111 }, PAGE);
    expect(lines).toHaveLength(1 + 17 + 1);
    expect(lines[0]).toBe('gradient norm  samples      share  mean beta  samples, log scale');
    expect(lines[1]).toBe('0.000 - 0.060      111  100.000 %    0.02703  ################################');
    expect(lines.at(-2)).toBe('0.960 - 1.000        0        0 %          -');
    expect(lines.at(-1)).toBe('(50 regions, 3 to a row; beta is the mean over the samples of a row)');
  });

  it('drops the share on a narrow page, and where that is not enough the bars', () => {
    expect(regionLines({ counts: [3, 4], total: 7 }, { width: 40, bar: '#' })).toEqual([
      'gradient norm  samples  log scale',
      '0.000 - 0.500        3  ##############',
      '0.500 - 1.000        4  ################',
    ]);
    const lines = regionLines({ counts: [3, 4], total: 7 }, { width: 30, bar: '#' });
    expect(lines).toEqual([
      'gradient norm  samples     share',
      '0.000 - 0.500        3  42.857 %',
      '0.500 - 1.000        4  57.143 %',
    ]);
  });

  it('shows 10,000 regions, and fits its page', () => {
    const counts = new Array<number>(10_000).fill(1e9);
    const lines = regionLines({ counts, total: 1e13 }, PAGE);
    expect(lines).toHaveLength(22);
    expect(lines[1]).toMatch(/^0\.000 - 0\.050 {2}500,000,000,000 {2}5\.000 %/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('stands nothing counted', () => {
    expect(regionLines({ counts: [0], beta: [0], total: 0 }, PAGE)[1]).toBe('0.000 - 1.000        0    0 %     -');
  });
});

it('partialReport says what a partial holds and what it is for', () => {
  const lines = partialReport(
    {
      command: 'histogram',
      task: 'classification',
      out: 'day1.ghm',
      bytes: 1_048_640,
      kind: 'float32',
      bins: 2,
      total: 100,
      ignored: 0,
      positives: 7,
      counts: [90, 10],
      seconds: 0.02,
    },
    { width: 60, bar: '#' },
  );
  expect(lines).toEqual([
    '100 samples counted, none ignored; 7 positive (7.0 %)',
    '',
    'gradient norm  samples     share  samples, log scale',
    '0.000 - 0.500       90  90.000 %  ##########################',
    '0.500 - 1.000       10  10.000 %  ##############',
    '',
    'wrote day1.ghm, 1.05 MB, in 20 ms; the counts are those of float32 logits',
    'next: ghm merge adds partials, ghm apply --density FILE weighs with one',
  ]);
});

it('partialReport of another task has no positives', () => {
  const partial = {
    command: 'merge',
    out: 'b.ghm',
    bytes: 100,
    kind: 'float32',
    bins: 1,
    total: 9,
    ignored: 0,
  } as const;
  const boxes = { ...partial, task: 'regression', mu: 0.02, positives: 0, counts: [9], seconds: 0.02 } as const;
  const [first, ...rest] = partialReport(boxes, { width: 60, bar: '#' });
  expect(first).toBe('9 samples counted, none ignored');
  expect(rest.at(-2)).toBe('wrote b.ghm, 100 B, in 20 ms; the counts are those of a regression with mu 0.02');
});
