import { interrupted, runError } from '../errors.ts';
import { startPool } from '../worker-pool.ts';
import { openStreamFiles, type StreamFiles } from './files.ts';
import {
  type CompleteGenerate,
  completeGenerate,
  type GenerateDtype,
  type GenerateForm,
  type GenerateOptions,
} from './options.ts';
import { type GeneratePlan, type PartFile, partFiles, planGenerate, type RowRange, rowRanges } from './plan.ts';

export type { GenerateDtype, GenerateForm, GenerateOptions } from './options.ts';

/** One file, its path below `out`. */
export interface GeneratedFile {
  readonly path: string;
  readonly bytes: number;
}

/** What was made. */
export interface GenerateSummary {
  /** In the order part 0 logits, labels, label weights, part 1 and so on. */
  readonly files: readonly GeneratedFile[];
  /** rows * classes: may be up to C - 1 more than was asked for. */
  readonly samples: number;
  readonly rows: number;
  /** Of all files. */
  readonly bytes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly form: GenerateForm;
  readonly dtype: GenerateDtype;
  /** 1 for form `binary`. */
  readonly classes: number;
}

/** One range, with the files its rows go to. The message to a worker; the samples never leave it but to the files. */
export interface GenerateTask extends RowRange {
  readonly seed: number;
  readonly classes: number;
  readonly form: GenerateForm;
  readonly dtype: GenerateDtype;
  readonly files: readonly TaskFile[];
}

export interface TaskFile {
  readonly array: PartFile['array'];
  readonly path: string;
  readonly dataOffset: number;
}

/**
 * Makes a realistic, long-tailed stream of anchors, for trials and benchmarks: what it imitates stands in
 * `distribution.ts`. Writes `part-00000.logits.npy` ([N] or [N, C]), `part-00000.labels.npy` ([N]) and, if asked,
 * `part-00000.label_weights.npy` ([N]), and so on. The same seed, form, classes and dtype give the same bytes with any
 * number of threads, and the same stream with any size of parts; a shorter stream is the beginning of a longer one.
 * With `force`, all parts that are in `out` are replaced, those of a longer stream too.
 * The files are not flushed to the disk: they can be made again.
 *
 * @throws GhmError usage: a wrong option, or parts in `out` without `force`; failure: the disk; interrupted: `signal`.
 *   Nothing is left in `out` then.
 */
export async function generate(options: GenerateOptions): Promise<GenerateSummary> {
  const started = performance.now();
  const complete = completeGenerate(options);
  const plan = planGenerate(complete);
  if (complete.signal?.aborted) throw interrupted();

  const written = allFiles(plan, complete);
  const bytes = written.reduce((sum, file) => sum + file.bytes, 0);
  const files = openStreamFiles(complete.out, complete.force, bytes);
  try {
    await writeRanges(plan, complete, files);
    if (complete.signal?.aborted) throw interrupted();
    files.commit();
  } catch (error) {
    files.discard();
    throw complete.signal?.aborted ? interrupted() : error;
  }

  const { seed, form, dtype } = complete;
  const { rows, classes } = plan;
  const seconds = (performance.now() - started) / 1000;
  return { files: written, samples: rows * classes, rows, bytes, seconds, seed, form, dtype, classes };
}

function allFiles(plan: GeneratePlan, options: CompleteGenerate): GeneratedFile[] {
  return Array.from({ length: plan.parts }, (_, part) => partFiles(plan, options, part))
    .flat()
    .map(({ name, bytes }) => ({ path: name, bytes }));
}

/** Hands range after range to the threads, each of which has one at a time. */
async function writeRanges(plan: GeneratePlan, options: CompleteGenerate, files: StreamFiles): Promise<void> {
  const { signal, onProgress } = options;
  const threads = Math.min(options.threads, Math.ceil(plan.rows / plan.rowsPerRange) + plan.parts - 1);
  const pool = await startPool({ file: 'generate.cjs', threads });
  signal?.addEventListener('abort', pool.close, { once: true });
  if (signal?.aborted) void pool.close();

  const tasks = generateTasks(plan, options, files);
  let done = 0;
  const lane = async (): Promise<void> => {
    // the lanes share one iterator: each takes the next task there is
    for (const task of tasks) {
      await pool.run(task).catch((error: unknown) => {
        throw runError(`${options.out}: ${error instanceof Error ? error.message : String(error)}`, error);
      });
      done += (task.end - task.begin) * plan.classes;
      onProgress(done, plan.rows * plan.classes);
    }
  };
  const lanes = Array.from({ length: threads }, lane);
  try {
    await Promise.all(lanes);
  } finally {
    signal?.removeEventListener('abort', pool.close);
    await pool.close();
    await Promise.allSettled(lanes);
  }
}

/** The ranges with their files, which are made when the first range of a part is due. */
function* generateTasks(
  plan: GeneratePlan,
  options: CompleteGenerate,
  files: StreamFiles,
): Generator<GenerateTask, void> {
  const { seed, form, dtype } = options;
  let current: { readonly part: number; readonly files: readonly TaskFile[] } | undefined;
  for (const range of rowRanges(plan)) {
    if (current?.part !== range.part) {
      const made = partFiles(plan, options, range.part).map(({ array, name, header }) => {
        return { array, path: files.create(name, header), dataOffset: header.length };
      });
      current = { part: range.part, files: made };
    }
    yield { ...range, seed, classes: plan.classes, form, dtype, files: current.files };
  }
}
