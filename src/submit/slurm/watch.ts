import { existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ExitCode, GhmError } from '../../errors.ts';
import type { CompleteSubmitOptions } from '../../options/submit-options.ts';
import type { StepName } from '../step-words.ts';
import { isUnfinished, jobState, type TaskState } from './client.ts';
import { logFile } from './scripts.ts';
import type { SubmittedJob } from './submit.ts';

/** A task that did not end well. */
interface FailedTask extends TaskState {
  readonly step: StepName;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Waits until no job is left in the queue, telling how far they are.
 *
 * @throws GhmError where one failed: with exit code 3 where one found bad data, else 1; 130 where the caller waits no longer
 */
export async function waitForJobs(jobs: readonly SubmittedJob[], options: CompleteSubmitOptions): Promise<void> {
  const start = performance.now();
  const known = new Map<string, Map<number | null, TaskState>>();
  const told = new Set<StepName>();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 1.2)) {
    let live = false;
    for (const { id } of jobs) {
      const state = await jobState(id);
      const seen = known.get(id) ?? new Map<number | null, TaskState>();
      known.set(id, seen);
      for (const task of state?.tasks ?? []) seen.set(task.index, task);
      live ||= state !== null && isUnfinished(state);
    }
    tellProgress(jobs, known, told, options, (performance.now() - start) / 1000);
    if (!live) break;
    await pause(wait, jobs, options);
  }
  const failed = jobs.flatMap(({ step, id }) =>
    [...(known.get(id)?.values() ?? [])]
      .filter(({ state }) => state !== 'COMPLETED')
      .map((task): FailedTask => ({ ...task, step })),
  );
  if (failed.length > 0) throw failure(failed, options);
}

/** Tells of each step that is done, once, and of the one that is under way. */
function tellProgress(
  jobs: readonly SubmittedJob[],
  known: ReadonlyMap<string, ReadonlyMap<number | null, TaskState>>,
  told: Set<StepName>,
  { onProgress }: CompleteSubmitOptions,
  elapsed: number,
): void {
  for (const { step, id, tasks: total } of jobs.filter((job) => !told.has(job.step))) {
    const states = [...(known.get(id)?.values() ?? [])].map(({ state }) => state);
    const done = states.filter((state) => state === 'COMPLETED').length;
    const running = states.filter((state) => state === 'RUNNING').length;
    onProgress({ step, done, running, total, elapsed });
    if (done < total) return;
    told.add(step);
  }
}

async function pause(ms: number, jobs: readonly SubmittedJob[], { signal }: CompleteSubmitOptions): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    const ids = jobs.map(({ id }) => id).join(' ');
    throw new GhmError(
      ExitCode.interrupted,
      `interrupted: the jobs go on without being waited for; scancel ${ids} ends them`,
    );
  }
}

const MOST_SHOWN = 3;

/** What failed first, with the last words of its log, and what to do. */
function failure(failed: readonly FailedTask[], { jobs }: CompleteSubmitOptions): GhmError {
  // what was never begun fell with what came before
  const causes = failed.filter(({ state, reason }) => !(state === 'CANCELLED' && reason.startsWith('Dependency')));
  const shown = (causes.length > 0 ? causes : failed).slice(0, MOST_SHOWN);
  const more = causes.length > shown.length ? `; ${causes.length - shown.length} more failed` : '';
  const isBad = causes.some(({ exitCode }) => exitCode === ExitCode.badData);
  const advice = isBad
    ? 'exit code 3 is bad data: mend them, then submit what is missing with --resume'
    : 'submit what is missing with --resume';
  const text = shown.map((task) => described(task, jobs)).join('; ');
  return new GhmError(isBad ? ExitCode.badData : ExitCode.failure, `${text}${more}; ${advice}`);
}

function described({ step, index, state, exitCode, signal }: FailedTask, jobs: string): string {
  const log = logFile(jobs, step, index);
  const what = index === null ? step : `${step} of shard ${index}`;
  const how = signal > 0 ? `ended by signal ${signal}` : exitCode > 0 ? `exit code ${exitCode}` : state.toLowerCase();
  const words = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').at(-1) : '';
  return `${what}: ${how} (${log}${words ? `: ${words}` : ''})`;
}
