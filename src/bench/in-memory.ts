import { CELLS } from '../density/cells.ts';
import { regionCounts } from '../density/regions.ts';
import { hex32 } from '../sinks/crc32.ts';
import { type Crew, secondsOf } from './crew.ts';
import { chunkRowsOf, DATA_FORMS, type DataForm, rowsOf, trafficOf } from './data-sets.ts';
import { check, type Expected, expect, partitionFor, runWork } from './expected.ts';
import type { Timing } from './measurement.ts';
import type { CompleteBench } from './options.ts';
import type { CheckedResult, Work } from './report.ts';

/** Samples a thread goes through in one run of counting or weighing its chunk. */
const CACHE_SAMPLES = 64 * 2 ** 20;
/** The machine's own works are faster: so often more, for a time of the same order. */
const MACHINE_REPEATS = 8;
const PLACES = ['cache', 'memory'] as const;

/** Measurements of one data set that take turns, so that what disturbs one disturbs all. */
interface Group {
  readonly form: DataForm;
  readonly place: (typeof PLACES)[number];
  readonly threads: number;
  /** Rows of one pass, all threads together. */
  readonly rows: number;
  /** Passes of counting and weighing. */
  readonly passes: number;
}

/** Passes of one run of a work. */
const passesOf = ({ place, passes }: Group, work: Work): number =>
  place === 'cache' && work !== 'count' && work !== 'weigh' ? MACHINE_REPEATS * passes : passes;

/** What is measured in memory, in order. Pure. */
function groupsOf(form: DataForm, options: CompleteBench, chunkSamples: number): Group[] {
  const rows = rowsOf(form, options.samples);
  const chunkRows = chunkRowsOf(form, chunkSamples, rows);
  const passes = Math.max(1, Math.round(Math.min(rows * form.width, CACHE_SAMPLES) / (chunkRows * form.width)));
  return PLACES.flatMap((place) =>
    options.threads.map((threads) =>
      place === 'cache'
        ? { form, place, threads, rows: threads * chunkRows, passes }
        : { form, place, threads, rows, passes: 1 },
    ),
  );
}

/** Measures the kernels over shared memory. @throws Error where any result is not the expected one */
export async function benchMemory(
  crew: Crew,
  options: CompleteBench,
): Promise<{ readonly timings: Timing[]; readonly results: CheckedResult[] }> {
  const { chunkSamples } = crew.layout.plan.layout;
  const began = performance.now();
  const all = DATA_FORMS.flatMap((form) => groupsOf(form, options, chunkSamples));
  const samplesOf = (group: Group): number =>
    group.form.works.reduce((sum, work) => sum + group.rows * group.form.width * passesOf(group, work), 0);
  const total = (options.warmup + options.runs) * all.reduce((sum, group) => sum + samplesOf(group), 0);
  let done = 0;
  const progress = (samples: number): void => {
    done += samples;
    options.onProgress({ stage: 'memory', done, total, elapsed: (performance.now() - began) / 1000 });
  };

  const timings: Timing[] = [];
  const results: CheckedResult[] = [];
  for (const form of DATA_FORMS) {
    progress(0);
    const { data } = form;
    await crew.run(crew.threads, (lane) => ({ task: 'fill', data, lane, lanes: crew.threads, seed: options.seed }));
    await crew.run(crew.threads, (lane) => ({ task: 'chunk', data, lane, lanes: crew.threads }));
    const memory = await expect(crew, form, 'memory', options.bins);
    const expected = { memory, cache: await expect(crew, form, 'cache', options.bins) };
    results.push(resultOf(form, memory, options));
    for (const group of groupsOf(form, options, chunkSamples)) {
      timings.push(...(await benchGroup(crew, group, expected[group.place], options, progress)));
    }
  }
  return { timings, results };
}

async function benchGroup(
  crew: Crew,
  group: Group,
  expected: Expected,
  options: CompleteBench,
  progress: (samples: number) => void,
): Promise<Timing[]> {
  const { form, place, threads, rows } = group;
  const { data } = form;
  const partition = partitionFor(form, options.bins);
  const timed = form.works.map((work) => ({ work, passes: passesOf(group, work), runs: [] as number[] }));
  for (let round = -options.warmup; round < options.runs; round++) {
    for (const { work, passes, runs } of timed) {
      const run = { data, place, work, passes, by: 'kernels' } as const;
      const { lanes, outcome } = await runWork(crew, partition, threads, run);
      const copies = place === 'cache' ? threads : 1;
      check(`${work} of ${data} (${place}, threads ${threads})`, outcome, expected.get(work), {
        sums: work === 'read' ? copies * passes : copies,
        counts: copies * passes,
      });
      if (round >= 0) runs.push(secondsOf(lanes));
      progress(rows * form.width * passes);
    }
  }
  return timed.map(({ work, passes, runs }) => {
    const { read, written } = trafficOf(form, work, rows * passes);
    const samples = rows * form.width * passes;
    return { place, work, data, threads, samples, bytesRead: read, bytesWritten: written, runs };
  });
}

function resultOf(form: DataForm, expected: Expected, { bins, samples }: CompleteBench): CheckedResult {
  const counts = expected.get('count')?.counts;
  if (!counts) throw new Error(`${form.data}: nothing was counted`);
  const weights = expected.get('weigh');
  let positives = 0;
  for (let cell = 0; cell < CELLS; cell++) positives += counts.cells[1][cell];
  return {
    data: form.data,
    samples: rowsOf(form, samples) * form.width,
    positives,
    counts: regionCounts(counts, partitionFor(form, bins), bins).counts,
    ...(weights && { weightsCrc32: hex32(weights.crc32) }),
  };
}
