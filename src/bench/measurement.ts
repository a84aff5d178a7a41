import type { DataSet, Measurement, Place, Times, Work } from './report.ts';

/** What was timed, before it is compared with anything. */
export interface Timing {
  readonly place: Place;
  readonly work: Work;
  readonly data: DataSet;
  readonly threads: number;
  readonly samples: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of each run. */
  readonly runs: readonly number[];
}

/** Median, of an even number the mean of the middle two. */
export function timesOf(runs: readonly number[]): Times {
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1], runs };
}

/** Half the distance of the slowest run from the fastest, as a share of the median. */
export const spreadOf = ({ median, min, max }: Times): number => (max - min) / 2 / median;

/** The machine's own works that a work is compared with, each as often as the work contains it. */
function limitOf(place: Place, work: Work): readonly Work[] {
  // tensors are compared with the kernels
  if (place === 'engine') return [work];
  switch (work) {
    case 'count':
      return ['read'];
    case 'weigh':
      return place === 'files' ? ['read', 'write'] : ['copy'];
    case 'reweight':
      return ['read', 'read', 'write'];
    default:
      return [];
  }
}

/** Compares every timing with the machine's own works and with one thread. Pure. */
export function measurementsOf(timings: readonly Timing[]): Measurement[] {
  const secondsPerSample = ({ runs, samples }: Timing): number => timesOf(runs).median / samples;
  return timings.map((timing) => {
    const { place, work, data, threads, samples, bytesRead, bytesWritten, runs } = timing;
    const same = (work: Work, threads: number, at = place): Timing | undefined =>
      timings.find((t) => t.place === at && t.data === data && t.work === work && t.threads === threads);
    const seconds = timesOf(runs);
    const samplesPerSecond = samples / seconds.median;
    const limits = limitOf(place, work).flatMap(
      (limit) => same(limit, threads, place === 'engine' ? 'files' : place) ?? [],
    );
    const limit = limits.reduce((sum, timing) => sum + secondsPerSample(timing), 0);
    const one = same(work, 1);
    const speedUp = one === undefined ? null : samplesPerSecond * secondsPerSample(one);
    return {
      place,
      work,
      data,
      threads,
      samples,
      bytesRead,
      bytesWritten,
      seconds,
      samplesPerSecond,
      bytesPerSecond: (bytesRead + bytesWritten) / seconds.median,
      ofLimit: limits.length === 0 ? null : limit * samplesPerSecond,
      speedUp,
      efficiency: speedUp === null ? null : speedUp / threads,
    };
  });
}
