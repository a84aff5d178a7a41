import { measurementsOf, type Timing } from '../../src/bench/measurement.ts';
import type { BenchReport } from '../../src/bench/report.ts';

const timing = (
  place: Timing['place'],
  work: Timing['work'],
  data: Timing['data'],
  threads: number,
  runs: readonly number[],
): Timing => ({ place, work, data, threads, samples: 1e9, bytesRead: 5e9, bytesWritten: 0, runs });

export const TIMINGS: readonly Timing[] = [
  timing('cache', 'read', 'float32', 1, [0.1]),
  timing('cache', 'count', 'float32', 1, [0.5, 0.4, 0.45]),
  timing('cache', 'read', 'float32', 2, [0.05]),
  timing('cache', 'count', 'float32', 2, [0.25]),
  timing('memory', 'read', 'float32-rows', 1, [0.5]),
  timing('memory', 'count', 'float32-rows', 1, [1]),
  timing('memory', 'copy', 'float32', 2, [0.5]),
  timing('memory', 'weigh', 'float32', 2, [1]),
  timing('files', 'read', 'float32', 1, [0.5]),
  timing('files', 'write', 'float32', 1, [0.25]),
  timing('files', 'weigh', 'float32', 1, [1.5]),
  timing('files', 'reweight', 'float32', 1, [2.5]),
];

/** A report as a machine of two cores might give it. */
export const REPORT: BenchReport = {
  schema: 'ghm.bench/1',
  version: '1.2.3',
  machine: {
    cpu: 'A <Fast> | CPU',
    processors: 4,
    cores: 2,
    memoryBytes: 16e9,
    l2Bytes: 512 * 1024,
    l3Bytes: null,
    platform: 'linux-x64',
    release: '6.1',
    node: 'v20.19.0',
    v8: '11.3',
    load: 0,
  },
  kernels: { bytes: 12_345, sha256: '0123456789abcdef'.repeat(4) },
  options: { threads: [1, 2], samples: 1e9, bins: 30, seed: 7, runs: 3, warmup: 1, quick: false, dir: '/tmp' },
  chunkSamples: 131_072,
  classes: 80,
  fileSystem: 'ext4',
  started: '2026-11-24T00:00:00.000Z',
  seconds: 12.3,
  measurements: measurementsOf(TIMINGS),
  results: [{ data: 'float32', samples: 1e9, positives: 1e6, counts: [1e9], weightsCrc32: '0badcafe' }],
  warnings: ['the machine is busy'],
};
