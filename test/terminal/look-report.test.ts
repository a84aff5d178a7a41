import { expect, it } from 'vitest';
import type { RunPlan } from '../../src/options/results.ts';
import { generateReport } from '../../src/report/terminal/generate-report.ts';
import { inspectReport, planReport } from '../../src/report/terminal/look-report.ts';

const PART = {
  logits: 'dumps/a.npy',
  labels: 'dumps/b.npy',
  labelWeights: 'dumps/w.npy',
  rows: 1200,
  classes: 80,
  targets: 'index',
  output: 'a.beta.npy',
} as const;

const PLAN: RunPlan = {
  samples: 96_000,
  parts: [PART],
  shards: 1,
  threads: 2,
  bytesRead: 394_000,
  bytesWritten: 384_128,
  memoryBytes: 256 * 1024 ** 2,
  command: 'reweight',
  out: 'weights',
  warnings: [],
};

it('a plan says what pairs with what', () => {
  expect(planReport(PLAN)).toEqual([
    'dumps/a.npy',
    '  1,200 rows of 80 classes, one class index a row',
    '  labels dumps/b.npy',
    '  label weights dumps/w.npy',
    '  writes a.beta.npy',
    '',
    '96,000 samples in 1 part, cut into 1 shard',
    'reads 394 kB, writes 384 kB to weights',
    '2 threads, 256 MiB of shared buffers',
    'dry run: nothing was read but headers, nothing was written',
  ]);
});

it('a plan of a histogram has no weights; one of many parts shows the first', () => {
  const part = { ...PART, labelWeights: null, output: null, classes: 1, targets: 'binary' } as const;
  const lines = planReport({ ...PLAN, command: 'histogram', out: 'p.ghm', parts: new Array(12).fill(part) });
  expect(lines.slice(0, 3)).toEqual(['dumps/a.npy', '  1,200 rows, one target a sample', '  labels dumps/b.npy']);
  expect(lines).toHaveLength(10 * 3 + 1 + 5);
  expect(lines[30]).toBe('and 2 more');
  expect(lines).toContain('reads 394 kB, writes one partial, p.ghm');
});

it('an inspection lists files, reasons once, and the reading', () => {
  const file = { format: 'npy', byteOrder: 'little', bytes: 384_128, packed: false };
  const logits = { ...file, dtype: 'float32', shape: [1200, 80], role: 'logits', why: 'floats' } as const;
  const report = {
    files: [
      { ...logits, path: 'a1.npy', range: { min: -12.345678, max: 4, elements: 1000 } },
      { ...logits, path: 'a2.npy', byteOrder: 'big' },
      { ...file, path: 'b.npy', dtype: 'int64', shape: [1200], role: 'labels', why: 'integers' } as const,
    ],
    reading: ['1,200 rows of 80 classes'],
  };
  expect(inspectReport(report, { width: 100, bar: '#' })).toEqual([
    'file    type                      shape           size  values       role',
    'a1.npy  npy float32               [1,200 x 80]  384 kB  -12.35 to 4  logits',
    'a2.npy  npy float32 (big-endian)  [1,200 x 80]  384 kB  -            logits',
    'b.npy   npy int64                 [1,200]       384 kB  -            labels',
    '',
    'values: of the first 1,000 of an array',
    'logits: floats',
    'labels: integers',
    '',
    '1,200 rows of 80 classes',
  ]);
});

it('generate ends with the command to go on with', () => {
  const made = {
    files: [{}, {}, {}],
    samples: 8000,
    rows: 100,
    bytes: 33_000,
    seconds: 0.5,
    seed: 7,
    form: 'index',
    dtype: 'float32',
    classes: 80,
  };
  expect(generateReport(made, 'dumps/', true)).toEqual([
    '8,000 samples (100 rows of 80 classes), float32 logits, index labels, seed 7',
    'wrote 3 files, 33.0 kB, to dumps/ in 500 ms, 16.0 k samples/s',
    "next: ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' --label-weights 'dumps/*.label_weights.npy' --out weights",
  ]);
});
