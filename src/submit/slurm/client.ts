import { execFile } from 'node:child_process';
import { runError } from '../../errors.ts';

/** What Slurm says of a task of an array, or of a job that is none. */
export interface TaskState {
  /** `null` for a job that is no array. */
  readonly index: number | null;
  /** `RUNNING`, `COMPLETED`, `FAILED` and the like. */
  readonly state: string;
  readonly reason: string;
  readonly exitCode: number;
  /** Signal that ended it; 0: none. */
  readonly signal: number;
}

/** What is known of a job; tasks that did not start yet have no entry. */
export interface JobState {
  readonly tasks: readonly TaskState[];
  /** Whether any task waits to be started. */
  readonly pending: boolean;
}

/** Submits a script. Returns the number of its job. @throws runError with what sbatch says */
export async function sbatch(file: string, options: readonly string[]): Promise<string> {
  const said = await call('sbatch', ['--parsable', ...options, file]);
  // with a name of the cluster behind it where there are several
  const [id = ''] = said.trim().split(';');
  if (/^\d+$/.test(id)) return id;
  throw runError(`sbatch ${file}: expected the number of a job, found ${JSON.stringify(said)}`);
}

/** Ends jobs. */
export const scancel = (ids: readonly string[]): Promise<string> => call('scancel', ids);

/** The state of a job; `null` where Slurm has forgotten it, as it does some minutes after its end. */
export async function jobState(id: string): Promise<JobState | null> {
  let said: string;
  try {
    said = await call('scontrol', ['--oneliner', 'show', 'job', id]);
  } catch (error) {
    if (error instanceof Error && /Invalid job id/i.test(error.message)) return null;
    throw error;
  }
  return parseJob(said);
}

/** Reads `scontrol --oneliner show job`: a line a task that started or ended, one for all that did not. */
export function parseJob(said: string): JobState {
  const tasks: TaskState[] = [];
  let pending = false;
  for (const line of said.split('\n').filter((text) => text.includes('JobState='))) {
    const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
    const index = field('ArrayTaskId');
    const state = field('JobState');
    const [exitCode = 0, signal = 0] = field('ExitCode').split(':').map(Number);
    if (index === '' || /^\d+$/.test(index)) {
      tasks.push({ index: index === '' ? null : Number(index), state, reason: field('Reason'), exitCode, signal });
      continue;
    }
    pending ||= isLive(state);
  }
  return { tasks, pending };
}

/** Whether anything of a job has not come to its end. */
export const isUnfinished = ({ pending, tasks }: JobState): boolean =>
  pending || tasks.some(({ state }) => isLive(state));

/** Whether a task in this state has not come to its end. */
const isLive = (state: string): boolean =>
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|SUSPENDED|STOPPED|RE\w+|SIGNALING|STAGE_OUT|SPECIAL_EXIT)$/.test(state);

/** What a program said of its failure, on one line. */
const wordsOf = (said: string, program: string): string =>
  said
    .trim()
    .split('\n')
    .map((line) => line.replace(`${program}: error: `, ''))
    .join('; ');

function call(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') {
        reject(
          runError(`${program}: no such program; run this where Slurm is, or add --print and submit the scripts there`),
        );
      } else reject(runError(`${program}: ${wordsOf(stderr || stdout || error.message, program)}`, error));
    });
  });
}
