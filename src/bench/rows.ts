import { compact, percent, thousands } from '../report/terminal/number-format.ts';
import { spreadOf } from './measurement.ts';
import type { BenchReport, Measurement, Place } from './report.ts';

/** One measurement as words. */
export interface BenchRow {
  readonly name: string;
  readonly threads: string;
  readonly samplesPerSecond: string;
  readonly gigabytesPerSecond: string;
  readonly ofLimit: string;
  readonly speedUp: string;
  readonly efficiency: string;
  readonly spread: string;
}

/** The measurements of one place. */
export interface BenchSection {
  readonly place: Place;
  /** One sentence on where the data lie. */
  readonly heading: string;
  readonly rows: readonly BenchRow[];
}

/** Titles of the columns, in order. */
export const TITLES: Readonly<Record<keyof BenchRow, string>> = {
  name: 'work',
  threads: 'threads',
  samplesPerSecond: 'samples/s',
  gigabytesPerSecond: 'GB/s',
  ofLimit: 'of limit',
  speedUp: 'speed-up',
  efficiency: 'effic.',
  spread: 'spread',
};

/** All measurements, those of one work together. */
export function sectionsOf(report: BenchReport): BenchSection[] {
  return (['cache', 'memory', 'files', 'engine'] as const).flatMap((place) => {
    const measured = report.measurements.filter((one) => one.place === place);
    if (measured.length === 0) return [];
    const works = new Set(measured.map((one) => nameOf(one, report.classes)));
    const rows = [...works].flatMap((name) =>
      measured.filter((one) => nameOf(one, report.classes) === name).map((one) => rowOf(one, name)),
    );
    return { place, heading: headingOf(report, place), rows };
  });
}

/** `count float32`, `count rows of 80`; on files `count pass`. */
export function nameOf({ place, work, data }: Pick<Measurement, 'place' | 'work' | 'data'>, classes: number): string {
  if (place === 'cache' || place === 'memory')
    return `${work} ${data === 'float32-rows' ? `rows of ${classes}` : data}`;
  if (work === 'reweight') return 'reweight, whole';
  return work === 'count' || work === 'weigh' ? `${work} pass` : `${work} files`;
}

function rowOf(measured: Measurement, name: string): BenchRow {
  const { threads, samplesPerSecond, bytesPerSecond, ofLimit, speedUp, efficiency, seconds } = measured;
  return {
    name,
    threads: String(threads),
    samplesPerSecond: compact(samplesPerSecond),
    gigabytesPerSecond: (bytesPerSecond / 1e9).toPrecision(3),
    ofLimit: ofLimit === null ? '-' : percent(ofLimit, 1, 0),
    speedUp: speedUp === null ? '-' : speedUp.toFixed(2),
    efficiency: efficiency === null ? '-' : percent(efficiency, 1, 0),
    spread: `+-${percent(spreadOf(seconds), 1, 0)}`,
  };
}

function headingOf({ chunkSamples, options, fileSystem, engine }: BenchReport, place: Place): string {
  const samples = `${thousands(options.samples)} samples`;
  switch (place) {
    case 'cache':
      return `in cache: each thread again and again over a chunk of its own, ${thousands(Math.min(chunkSamples, options.samples))} samples`;
    case 'memory':
      return `in memory: ${samples} cut among the threads, each once over its own part`;
    case 'files':
      return `from files: ${samples} in the page cache, ${fileSystem}`;
    case 'engine':
      return `by tensors, --engine ${engine?.name}: ${thousands(engine?.samples ?? 0)} samples in such files`;
  }
}

/** What stands above the tables. */
export function circumstances(report: BenchReport): string[] {
  const { machine: m, options: o, kernels } = report;
  const binary = (bytes: number | null): string => (bytes === null ? '?' : `${compactBinary(bytes)}`);
  return [
    `${m.cpu}, ${m.cores} of ${m.processors} processors usable, ${(m.memoryBytes / 1e9).toFixed(1)} GB of memory`,
    `L2 ${binary(m.l2Bytes)} a core, L3 ${binary(m.l3Bytes)} in all, ${m.platform} ${m.release}`,
    `Node ${m.node}, V8 ${m.v8}`,
    `ghm ${report.version}, kernels of ${kernels.bytes} bytes, SHA-256 ${kernels.sha256.slice(0, 16)}`,
    `M = ${o.bins}, seed ${o.seed}; medians of ${o.runs} runs after ${o.warmup} of warm-up`,
  ];
}

const compactBinary = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;

/** Which tensors, and why those. */
function engineLines({ engine }: BenchReport): string[] {
  if (!engine?.backend) return [];
  const { package: name, version, backend, why } = engine.backend;
  return [`tensors: ${name} ${version}, backend ${backend} (${why}); of limit: against the kernels`];
}

/** What stands below the tables. */
export function explanations(report: BenchReport): string[] {
  const crc = report.results.find((result) => result.weightsCrc32 !== undefined)?.weightsCrc32 ?? '-';
  return [
    'of limit: count against read (a SIMD sum of the same arrays), weigh against copy (of the logits), passes over files against the same reads and writes without arithmetic',
    'reweight, whole: both passes, start of the threads, flush to the disk, and report; count pass: with the start of the threads',
    'spread: half the time between the fastest and the slowest run, as a share of the median',
    ...engineLines(report),
    `checked before a time was kept: counts and weights are the same in every run, at every number of threads (weights CRC-32 ${crc})`,
  ];
}
