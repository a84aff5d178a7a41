import { describe, expect, test } from 'vitest';
import { measurementsOf, spreadOf, timesOf } from '../../src/bench/measurement.ts';
import type { Place, Work } from '../../src/bench/report.ts';
import { TIMINGS } from './fixed-report.ts';

const measured = measurementsOf(TIMINGS);
const found = (place: Place, work: Work, threads: number) =>
  measured.find((one) => one.place === place && one.work === work && one.threads === threads);

test('the median of an even number of runs is the mean of the middle two', () => {
  expect(timesOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, runs: [3, 1, 2] });
  expect(timesOf([4, 1, 3, 2]).median).toBe(2.5);
  expect(spreadOf(timesOf([3, 1, 2]))).toBe(0.5);
});

describe('every work is compared with one thread and with the machine itself', () => {
  test('counting with reading the same arrays', () => {
    expect(found('cache', 'count', 1)).toMatchObject({
      samplesPerSecond: 1e9 / 0.45,
      bytesPerSecond: 5e9 / 0.45,
      ofLimit: expect.closeTo(0.1 / 0.45, 10),
      speedUp: expect.closeTo(1, 10),
      efficiency: expect.closeTo(1, 10),
    });
    expect(found('cache', 'count', 2)).toMatchObject({
      ofLimit: expect.closeTo(0.2, 10),
      speedUp: expect.closeTo(1.8, 10),
      efficiency: expect.closeTo(0.9, 10),
    });
  });

  test('weighing with copying; without one thread there is no speed-up', () => {
    expect(found('memory', 'weigh', 2)).toMatchObject({ ofLimit: 0.5, speedUp: null, efficiency: null });
  });

  test('the passes over files with the reads and writes they have to do', () => {
    expect(found('files', 'weigh', 1)?.ofLimit).toBeCloseTo(0.5, 10);
    expect(found('files', 'reweight', 1)?.ofLimit).toBeCloseTo((0.5 + 0.5 + 0.25) / 2.5, 10);
  });

  test('the machine with nothing', () => {
    expect(found('memory', 'copy', 2)?.ofLimit).toBeNull();
  });

  test('samples of another number of passes do not matter', () => {
    const [read, count] = measurementsOf([
      { ...TIMINGS[0], samples: 8e9, runs: [0.8] },
      { ...TIMINGS[1], runs: [0.4] },
    ]);
    expect(read.samplesPerSecond).toBe(1e10);
    expect(count.ofLimit).toBeCloseTo(0.25, 10);
  });
});
