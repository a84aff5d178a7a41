import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { generate } from '../generate/generate.ts';
import { shardSamplesFor } from '../plan/shards.ts';
import { reweight } from '../run/reweight.ts';
import { combineCrc32, hex32 } from '../sinks/crc32.ts';
import { npyHeader } from '../sources/npy/header.ts';
import { type Crew, secondsOf } from './crew.ts';
import type { Timing } from './measurement.ts';
import type { CompleteBench } from './options.ts';
import type { FileTask } from './protocol.ts';
import type { CheckedResult } from './report.ts';

const WORKS = ['read', 'write', 'count', 'weigh', 'reweight'] as const;
type FileWork = (typeof WORKS)[number];

/** Bytes of the input files without their headers, and of the weights. */
export const fileBytes = (samples: number): { readonly input: number; readonly output: number } => ({
  input: 5 * samples,
  output: 4 * samples,
});

/** Measures `reweight` on files in `folder`, and the same reads and writes alone. */
export async function benchFiles(
  crew: Crew,
  options: CompleteBench,
  folder: string,
  expected: CheckedResult,
): Promise<Timing[]> {
  const { samples, seed, signal, runs, warmup } = options;
  const began = performance.now();
  const data = join(folder, 'data');
  // one part, the very stream that is in memory: each file is read from the page cache from now on
  await generate({
    samples,
    seed,
    samplesPerPart: samples,
    out: data,
    threads: crew.threads,
    ...(signal && { signal }),
  });

  const { input, output } = fileBytes(samples);
  const traffic: Readonly<Record<FileWork, readonly [number, number]>> = {
    read: [input, 0],
    write: [0, output],
    count: [input, 0],
    weigh: [input, output],
    reweight: [2 * input, output],
  };
  const total = options.threads.length * (warmup + runs) * 3 * samples;
  let done = 0;
  const timings: Timing[] = [];
  for (const threads of options.threads) {
    const seconds: Record<FileWork, number[]> = { read: [], write: [], count: [], weigh: [], reweight: [] };
    for (let round = -warmup; round < runs; round++) {
      const times = {
        read: await passFiles(crew, threads, readTask(data, samples), input),
        write: await writeOnce(crew, threads, folder, samples),
        ...(await reweightOnce(options, threads, folder, data, expected)),
      };
      if (round >= 0) for (const work of WORKS) seconds[work].push(times[work]);
      done += 3 * samples;
      options.onProgress({ stage: 'files', done, total, elapsed: (performance.now() - began) / 1000 });
    }
    for (const work of WORKS) {
      const [bytesRead, bytesWritten] = traffic[work];
      const timing = { place: 'files', work, data: 'float32', threads, samples, bytesRead, bytesWritten } as const;
      timings.push({ ...timing, runs: seconds[work] });
    }
  }
  return timings;
}

type PassedFiles = Pick<FileTask, 'task' | 'arrays' | 'rows' | 'shardRows'>;

function readTask(data: string, samples: number): PassedFiles {
  const array = (name: string, dtype: 'float32' | 'uint8', rowBytes: number) => ({
    path: join(data, `part-00000.${name}.npy`),
    dataOffset: npyHeader([samples], dtype).length,
    rowBytes,
  });
  const arrays = [array('logits', 'float32', 4), array('labels', 'uint8', 1)];
  return { task: 'read-files', arrays, rows: samples, shardRows: shardSamplesFor(samples) };
}

async function passFiles(crew: Crew, threads: number, task: PassedFiles, bytes: number): Promise<number> {
  const lanes = await crew.run(threads, (lane) => ({ ...task, lane, lanes: threads }));
  const passed = lanes.reduce((sum, lane) => sum + lane.bytes, 0);
  if (passed !== bytes) throw new Error(`${task.task}: ${passed} bytes, expected ${bytes}`);
  return secondsOf(lanes);
}

/** Fills a new file, made as `reweight` makes its outputs, and removes it. */
async function writeOnce(crew: Crew, threads: number, folder: string, samples: number): Promise<number> {
  const path = join(folder, 'written.npy');
  const { output } = fileBytes(samples);
  const file = openSync(path, 'wx');
  ftruncateSync(file, output);
  closeSync(file);
  const arrays = [{ path, dataOffset: 0, rowBytes: 4 }];
  const task: PassedFiles = { task: 'write-file', arrays, rows: samples, shardRows: shardSamplesFor(samples) };
  const seconds = await passFiles(crew, threads, task, output);
  rmSync(path);
  return seconds;
}

/** The whole command. @throws Error where counts or weights are not the expected ones */
async function reweightOnce(
  { bins, signal }: CompleteBench,
  threads: number,
  folder: string,
  data: string,
  expected: CheckedResult,
): Promise<Record<'count' | 'weigh' | 'reweight', number>> {
  const out = join(folder, 'weights');
  const began = performance.now();
  const { density, outputs, passes } = await reweight({
    logits: join(data, '*.logits.npy'),
    labels: join(data, '*.labels.npy'),
    out,
    bins,
    threads,
    ...(signal && { signal }),
  });
  const seconds = (performance.now() - began) / 1000;
  const weights = outputs.find(({ path }) => path.endsWith('.beta.npy'));
  const right = density.counts.every((count, region) => count === expected.counts[region]);
  if (!right || weights?.crc32 !== crcOfFile(expected) || !passes.count || !passes.weigh) {
    throw new Error(`reweight (${threads} threads): counts or weights differ from those in memory`);
  }
  rmSync(out, { recursive: true });
  return { count: passes.count.seconds, weigh: passes.weigh.seconds, reweight: seconds };
}

/** CRC-32 of the npy file of the weights that are expected. */
function crcOfFile({ samples, weightsCrc32 }: CheckedResult): string {
  const header = crc32(npyHeader([samples], 'float32'));
  return hex32(combineCrc32(header, Number.parseInt(weightsCrc32 ?? '', 16), 4 * samples));
}
