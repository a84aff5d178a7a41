import { readFile } from 'node:fs/promises';
import { choiceOf } from '../engines/tfjs/tensor-engine.ts';
import { packageVersion, workerFile } from '../package-files.ts';
import { tensorBackend } from '../tfjs/backend.ts';
import { benchEngine } from './by-engine.ts';
import { startCrew } from './crew.ts';
import { CLASSES } from './data-sets.ts';
import { benchFiles, fileBytes } from './from-files.ts';
import { benchMemory } from './in-memory.ts';
import { benchLayout } from './layout.ts';
import { describeMachine, fileSystemOf, kernelBuild } from './machine.ts';
import { measurementsOf } from './measurement.ts';
import { type BenchOptions, type CompleteBench, completeBench } from './options.ts';
import type { BenchReport, Machine } from './report.ts';
import { staysInCache } from './size.ts';
import { checkDisk, checkMemory, withTemporaryFolder } from './temporary.ts';

export type { BenchOptions, BenchProgress } from './options.ts';
export type * from './report.ts';

/** Beside the shared memory: threads, their code, and the report. */
const PROCESS_BYTES = 128 * 2 ** 20;

/**
 * Measures this machine with the work of `reweight`: the kernels over arrays in memory, and the whole command on files,
 * each at several numbers of threads and beside what the machine can do at best with the same arrays and files.
 *
 * The threads of a run are released together, and the run ends with the last of them. Before a time is kept, what the
 * run counted or wrote is compared with what the scalar kernels say: it is the same, to the bit, at every number of
 * threads. The files are in a temporary folder, which is removed, also after a failure or an abort.
 *
 * @throws GhmError usage: a wrong option; failure: too little memory or disk; interrupted: `signal`.
 */
export async function bench(rawOptions: BenchOptions = {}): Promise<BenchReport> {
  const started = new Date();
  const options = completeBench(rawOptions);
  const { samples, bins, signal, dir } = options;
  const threads = Math.max(...options.threads);
  const layout = benchLayout(samples, threads, bins);
  const files = fileBytes(samples);
  checkMemory(layout.bytes + files.input + files.output + PROCESS_BYTES, samples);
  checkDisk(dir, files.input + files.output);
  // what cannot be measured ends the bench before anything is
  if (options.engine) await tensorBackend(choiceOf(options.engine));
  const machine = describeMachine();
  const warnings = doubts(options, machine);
  for (const warning of warnings) options.onWarning(warning);

  const wasm = await readFile(workerFile('kernels.wasm'));
  const crew = await startCrew({ layout, wasm, threads, samples, bins, signal });
  try {
    const memory = await benchMemory(crew, options);
    const [float32] = memory.results;
    const { engine } = options;
    const [timings, tensors] = await withTemporaryFolder(
      dir,
      async (folder) =>
        [
          await benchFiles(crew, options, folder, float32),
          engine === undefined ? undefined : await benchEngine(options, engine, folder),
        ] as const,
    );
    const { onProgress: _, onWarning: __, signal: ___, ...plain } = options;
    return {
      schema: 'ghm.bench/1',
      version: packageVersion(),
      machine,
      kernels: kernelBuild(wasm),
      options: plain,
      chunkSamples: layout.plan.layout.chunkSamples,
      classes: CLASSES,
      fileSystem: fileSystemOf(dir),
      started: started.toISOString(),
      seconds: (Date.now() - started.getTime()) / 1000,
      ...(tensors && { engine: tensors.engine }),
      measurements: measurementsOf([...memory.timings, ...timings, ...(tensors?.timings ?? [])]),
      results: memory.results,
      warnings,
    };
  } finally {
    await crew.close();
  }
}

/** What makes figures doubtful, before anything is measured. */
export function doubts({ threads, samples }: CompleteBench, { cores, l3Bytes, load }: Machine): string[] {
  const most = Math.max(...threads);
  const enough = Math.ceil((2 * (l3Bytes ?? 0)) / 5 / 1e6);
  return [
    ...(most > cores ? [`${most} threads share ${cores} cores: speed-up cannot go beyond ${cores}`] : []),
    ...(staysInCache(samples, l3Bytes)
      ? [`the stream is less than twice the third-level cache: --samples ${enough}M would go beyond it`]
      : []),
    ...(load > 0.25 * cores ? [`the machine is busy (load ${load.toFixed(1)}): the figures may be too low`] : []),
  ];
}
