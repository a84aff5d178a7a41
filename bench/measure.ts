/** One way to do the work. `run` returns something that depends on all of it, so that no compiler may leave it out. */
export interface Contestant {
  readonly name: string;
  readonly run: () => number | Promise<number>;
}

/** Seconds of one contestant, one a round. */
export interface Timing {
  readonly name: string;
  readonly seconds: readonly number[];
}

/**
 * Times all contestants against each other: round after round each runs once (A B C A B C ...), so that whatever else
 * the machine does meets all of them alike. `warmup` rounds go first and are not counted.
 */
export async function race(contestants: readonly Contestant[], rounds: number, warmup = 1): Promise<Timing[]> {
  const seconds = contestants.map((): number[] => []);
  for (let round = -warmup; round < rounds; round++) {
    for (const [i, { run }] of contestants.entries()) {
      const start = performance.now();
      observe(await run());
      const elapsed = (performance.now() - start) / 1000;
      if (round >= 0) seconds[i].push(elapsed);
    }
  }
  return contestants.map(({ name }, i) => ({ name, seconds: seconds[i] }));
}

let observed = 0;

/** Keeps a result: `observedWord` is printed at the end of every bench. */
export function observe(result: number): void {
  observed = (Math.imul(observed, 31) + Math.trunc(result % 2 ** 32)) | 0;
}

export const observedWord = (): string => (observed >>> 0).toString(16).padStart(8, '0');

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as long `slow` took as `fast`, in two ways: they differ where the machine was not quiet. */
export interface Ratio {
  readonly ofMedians: number;
  /** Median over the rounds of the ratio within the round. */
  readonly ofRounds: number;
}

export function ratio(slow: Timing, fast: Timing): Ratio {
  return {
    ofMedians: median(slow.seconds) / median(fast.seconds),
    ofRounds: median(slow.seconds.map((seconds, round) => seconds / fast.seconds[round])),
  };
}

/** `0.0123 s`, or in milliseconds below 0.1 s. */
export const duration = (seconds: number): string =>
  seconds < 0.1 ? `${(1000 * seconds).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;

/** `min .. max` of the rounds. */
export const spread = ({ seconds }: Timing): string =>
  `${duration(Math.min(...seconds))} .. ${duration(Math.max(...seconds))}`;

/** Samples per second, in millions. */
export const speed = (samples: number, timing: Timing): string =>
  `${(samples / median(timing.seconds) / 1e6).toPrecision(3)} M/s`;

export const times = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
