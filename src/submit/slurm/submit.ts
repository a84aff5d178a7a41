import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputError, usageError } from '../../errors.ts';
import type { CompleteSubmitOptions } from '../../options/submit-options.ts';
import { SUMMARY_FILE } from '../../run/finish.ts';
import { planReweight } from '../../run/plan.ts';
import { SHARDS_FOLDER } from '../../run/shard-record.ts';
import { allMissing, type Missing, missingOfRun } from '../missing.ts';
import { ownCommand } from '../own-command.ts';
import { quoted } from '../shell-words.ts';
import { placesIn, type StepName } from '../step-words.ts';
import { isUnfinished, jobState, sbatch, scancel } from './client.ts';
import { arrayText, type JobScript, jobScripts, logsFolder } from './scripts.ts';
import { waitForJobs } from './watch.ts';

/** A job in the queue. */
export interface SubmittedJob {
  readonly step: StepName;
  readonly id: string;
  readonly tasks: number;
}

/** What `submit` of Slurm did, or would do. */
export interface SlurmSubmission {
  readonly engine: 'slurm';
  readonly parts: number;
  readonly out: string;
  /** Folder of scripts, logs and counts. */
  readonly jobsFolder: string;
  readonly scripts: readonly { readonly file: string; readonly text: string }[];
  /** The command that submits each script, `$COUNT` and the like standing for jobs before; empty where all is done. */
  readonly commands: readonly string[];
  /** Those that were submitted; none with `print`, or where nothing was missing. */
  readonly jobs: readonly SubmittedJob[];
  /** Whether they were waited for, and ended well. */
  readonly done: boolean;
}

/** What is kept of a submission, in the folder of its jobs. */
interface Submitted {
  readonly schema: typeof SCHEMA;
  readonly parts: number;
  readonly jobs: readonly SubmittedJob[];
}

const SCHEMA = 'ghm.jobs/1';
const STATE_FILE = 'submitted.json';

/** Submits a run in shards to Slurm. */
export async function submitToSlurm(options: CompleteSubmitOptions): Promise<SlurmSubmission> {
  const { run, jobs: folder, print, resume, wait } = options;
  const before = readState(folder);
  if (before !== null && !resume && !print) {
    throw usageError(
      `${folder}: a run was submitted from it before; add --resume to submit what is missing, or remove the folder and begin again`,
    );
  }
  if (resume && before !== null) await checkEnded(before);
  const parts = await partsOf(options, resume ? before : null);
  const scripts = jobScripts(options, parts, process.cwd(), options.ghm ?? ownCommand());
  const known = { engine: 'slurm', parts, out: run.out, jobsFolder: folder, scripts: scripts.map(shown) } as const;
  if (resume && isFinished(options)) return { ...known, commands: [], jobs: [], done: true };
  const missing = resume && before !== null ? await missingOfRun(run, parts, placesIn(folder)) : allMissing(parts);
  const steps = stepsToSubmit(scripts, missing);
  const commands = steps.map((step, i) => commandOf(step, steps[i - 1], options));
  if (print) return { ...known, commands, jobs: [], done: false };

  mkdirSync(logsFolder(folder), { recursive: true });
  mkdirSync(placesIn(folder).counts, { recursive: true });
  for (const { file, text } of scripts) writeFileSync(file, text, { mode: 0o755 });
  const jobs = await submitSteps(steps, options);
  const state: Submitted = { schema: SCHEMA, parts, jobs };
  writeFileSync(join(folder, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
  if (wait) await waitForJobs(jobs, options);
  return { ...known, commands, jobs, done: wait };
}

const shown = ({ file, text }: JobScript) => ({ file, text });

/** A script, and the tasks of it that are to run; `null` for a job that is no array. */
interface StepToSubmit extends JobScript {
  readonly indices: readonly number[] | null;
}

function stepsToSubmit(scripts: readonly JobScript[], { count, merge, weigh }: Missing): StepToSubmit[] {
  const wanted = { count: count.length > 0, merge, weigh: weigh.length > 0, finish: true };
  const indices = { count, merge: null, weigh, finish: null };
  return scripts.filter(({ step }) => wanted[step]).map((script) => ({ ...script, indices: indices[script.step] }));
}

const arrayOption = ({ indices }: StepToSubmit, { atOnce }: CompleteSubmitOptions): string[] =>
  indices === null ? [] : [`--array=${arrayText(indices, atOnce)}`];

/** As a user would type it. */
function commandOf(step: StepToSubmit, before: StepToSubmit | undefined, options: CompleteSubmitOptions): string {
  const after = before === undefined ? '' : ` --dependency=afterok:$${before.step.toUpperCase()}`;
  const array = arrayOption(step, options).map((option) => ` ${option}`);
  return `${step.step.toUpperCase()}=$(sbatch --parsable${array.join('')}${after} ${quoted(step.file)})`;
}

/** Submits each step behind the one before; ends those in the queue where one is refused. */
async function submitSteps(steps: readonly StepToSubmit[], options: CompleteSubmitOptions): Promise<SubmittedJob[]> {
  const jobs: SubmittedJob[] = [];
  try {
    for (const step of steps) {
      const before = jobs.at(-1);
      const after = before === undefined ? [] : [`--dependency=afterok:${before.id}`];
      const id = await sbatch(step.file, [...arrayOption(step, options), ...after]);
      jobs.push({ step: step.step, id, tasks: step.indices?.length ?? 1 });
    }
    return jobs;
  } catch (error) {
    if (jobs.length > 0) await scancel(jobs.map(({ id }) => id));
    throw error;
  }
}

const BYTES_A_PART = 4 * 2 ** 30;
const MOST_PARTS_BY_ITSELF = 1000;

/** Looks at the inputs as the run would, and says how many shards there are to be. */
async function partsOf(options: CompleteSubmitOptions, before: Submitted | null): Promise<number> {
  const { run, parts } = options;
  if (before !== null) {
    if (parts === undefined || parts === before.parts) return before.parts;
    throw usageError(`--parts ${parts}: the run was submitted in ${before.parts} parts; drop the option to resume it`);
  }
  const { bytesRead, warnings } = await planReweight(run);
  for (const warning of warnings) options.onWarning(warning);
  // both passes read everything
  return parts ?? Math.min(MOST_PARTS_BY_ITSELF, Math.max(1, Math.ceil(bytesRead / 2 / BYTES_A_PART)));
}

function readState(folder: string): Submitted | null {
  const path = join(folder, STATE_FILE);
  if (!existsSync(path)) return null;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as Submitted;
    if (state.schema === SCHEMA && Number.isInteger(state.parts) && Array.isArray(state.jobs)) return state;
  } catch {
    // told below
  }
  throw inputError(`${path}: expected what ghm submit wrote of its jobs; remove the folder, and begin again`);
}

/** @throws usageError where jobs of the run are in the queue */
async function checkEnded({ jobs }: Submitted): Promise<void> {
  for (const { id, step } of jobs) {
    const state = await jobState(id);
    if (state === null || !isUnfinished(state)) continue;
    throw usageError(
      `--resume: job ${id} (${step}) of the run is in the queue; wait for it, or end it with scancel ${id}`,
    );
  }
}

/** Whether everything is in its place: newer than the submission, and no shards left. */
function isFinished({ run, jobs }: CompleteSubmitOptions): boolean {
  const [summary, state] = [join(run.out, SUMMARY_FILE), join(jobs, STATE_FILE)].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  );
  if (summary === undefined || state === undefined || existsSync(join(run.out, SHARDS_FOLDER))) return false;
  return summary.mtimeMs >= state.mtimeMs;
}
