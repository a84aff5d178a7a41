import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateFiles } from '../data.ts';
import { duration, median, ratio, speed, spread, type Timing, times } from '../measure.ts';
import { markdownTable } from '../table.ts';
import type { Job } from './job.ts';
import { DUCKDB } from './names.ts';
import { type Ran, runGhm, runPeer } from './peer-process.ts';

/** A stream on disk, and its true counts. */
export interface Files {
  readonly samples: number;
  readonly job: Job;
  readonly counts: readonly number[];
}

/** The stream as npy, and as Parquet where DuckDB is there to write it. */
export async function makeFiles(folder: string, samples: number, bins: number, threads: number): Promise<Files> {
  await generateFiles(folder, samples);
  const job: Job = {
    mode: 'run',
    logits: join(folder, 'part-00000.logits.npy'),
    labels: join(folder, 'part-00000.labels.npy'),
    parquet: join(folder, 'samples.parquet'),
    out: join(folder, 'weights'),
    threads,
    bins,
    form: '',
  };
  mkdirSync(job.out);
  const prepared = await runPeer(DUCKDB, { ...job, mode: 'prepare' });
  if ('skip' in prepared) console.log(`no Parquet file: ${prepared.skip}`);
  await runGhm(job);
  const density = JSON.parse(readFileSync(join(job.out, 'density.json'), 'utf8')) as { counts: number[] };
  return { samples, job, counts: density.counts };
}

export interface Entry {
  readonly label: string;
  /** The samples it runs on, fewer than the others where the tool is slow. */
  readonly files: Files;
  readonly run: () => Promise<Ran>;
  /** For a slow tool in a process of its own: the job on next to nothing, whose time is not scaled. */
  readonly start?: () => Promise<Ran>;
}

/** What became of an entry. */
interface Result extends Entry {
  readonly agreement: string;
  /** A slow tool's times are scaled: start + (time - start) * samples / its samples. */
  readonly seconds: readonly number[];
}

const skipped = new Set<string>();

/** Leaves a tool out, with one line. */
export function skip(label: string, reason: string): void {
  if (!skipped.has(label)) console.log(`skipped: ${label}: ${reason}`);
  skipped.add(label);
}

/**
 * Round after round of all entries that are not skipped, as `race` does, each timed by itself. Counts are compared with
 * ghm's in every round.
 *
 * @param samples that times are scaled to
 * @param warmup rounds that are not kept
 */
export async function contest(
  entries: readonly Entry[],
  samples: number,
  rounds: number,
  warmup: number,
): Promise<Result[]> {
  const seconds = new Map<Entry, number[]>(entries.map((entry) => [entry, []]));
  const agreement = new Map<Entry, string>();
  for (let round = -warmup; round < rounds; round++) {
    for (const entry of entries.filter(({ label }) => !skipped.has(label))) {
      const result = await entry.run();
      if ('skip' in result) {
        skip(entry.label, result.skip);
        continue;
      }
      agreement.set(entry, disagreement(entry, result.counts));
      const started = await entry.start?.();
      const start = started && 'seconds' in started ? started.seconds : 0;
      const scaled = start + ((result.seconds - start) * samples) / entry.files.samples;
      if (round >= 0) seconds.get(entry)?.push(scaled);
    }
  }
  return entries
    .filter(({ label }) => !skipped.has(label))
    .map((entry) => ({ ...entry, agreement: agreement.get(entry) ?? '', seconds: seconds.get(entry) ?? [] }));
}

/**
 * How many samples a tool put into another region than ghm. Ways in float32 misplace what lies within rounding of an
 * edge. @throws where they are too many for that
 */
function disagreement({ label, files }: Entry, found: readonly number[]): string {
  const different = files.counts.reduce((sum, n, region) => sum + Math.abs(n - (found[region] ?? 0)), 0) / 2;
  if (different > 1e-5 * files.samples + 2) throw new Error(`${label}: counts ${found}, but ghm's are ${files.counts}`);
  return different === 0 ? 'equal' : `${different} differ`;
}

/** A table; ratios are to the first entry. Times that were scaled to `samples` say so. */
export function printContest(title: string, results: readonly Result[], samples: number): void {
  const timings = results.map(({ label, files, seconds }): Timing => {
    return { name: files.samples === samples ? label : `${label} (scaled from ${files.samples / 1e6} M)`, seconds };
  });
  const rows = timings.map((timing, i) => [
    timing.name,
    duration(median(timing.seconds)),
    spread(timing),
    speed(samples, timing),
    times(ratio(timing, timings[0]).ofRounds),
    results[i].agreement,
  ]);
  const head = ['', 'median', 'min .. max', 'samples', 'time / ghm', 'counts'];
  console.log(`### ${title}\n\n${markdownTable(head, rows)}\n`);
}
