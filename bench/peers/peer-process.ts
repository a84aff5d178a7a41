import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tasksetPrefix } from '../pin.ts';
import type { Answer, Job } from './job.ts';

/** A tool, and one way of using it. */
export interface PeerName {
  readonly label: string;
  /** File in this folder. */
  readonly file: string;
  readonly form: string;
}

function start({ file }: PeerName, job: Job, stdin: 'pipe' | 'ignore'): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const interpreter = file.endsWith('.py') ? ['/usr/bin/python3'] : [process.execPath, ...process.execArgv];
  const [command, ...args] = [...tasksetPrefix(job.threads), ...interpreter, path, JSON.stringify(job)];
  return spawn(command, args, {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: String(job.threads), POLARS_MAX_THREADS: String(job.threads) },
  });
}

/** The error that a process wrote to standard error, in one line. */
function failureReader(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (data: Buffer) => {
    text = (text + data.toString()).slice(-4000);
  });
  return () => {
    const lines = text.trim().split('\n');
    return (
      lines.findLast((line) => /^\w*(Error|Exception)\b/.test(line)) ?? (lines.at(-1) || `exit code ${child.exitCode}`)
    );
  };
}

/** Exit of a process, or the reason that it could not start. */
const ended = (child: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : ''));
  });

export type Loaded = { readonly skip: string } | { readonly peer: LoadedPeer };

/** A tool that has the samples in memory and waits. */
export class LoadedPeer {
  readonly tool: string;
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly failure: () => string;
  private readonly end: Promise<string | null>;

  private constructor(
    tool: string,
    child: ChildProcess,
    answers: AsyncIterator<string>,
    failure: () => string,
    end: Promise<string | null>,
  ) {
    this.tool = tool;
    this.child = child;
    this.answers = answers;
    this.failure = failure;
    this.end = end;
  }

  static async start(name: PeerName, job: Job): Promise<Loaded> {
    const child = start(name, { ...job, form: name.form, mode: 'serve' }, 'pipe');
    const failure = failureReader(child);
    const end = ended(child);
    if (!child.stdout) throw new Error('no standard output');
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await answers.next();
    if (first.done) return { skip: (await end) || failure() };
    const answer = JSON.parse(first.value) as Answer;
    if ('ready' in answer) return { peer: new LoadedPeer(answer.ready, child, answers, failure, end) };
    await end;
    return { skip: 'skip' in answer ? answer.skip : 'no answer' };
  }

  /** One count of all samples, in the tool's own seconds. */
  async count(): Promise<Ran> {
    this.child.stdin?.write('count\n');
    const { value, done } = await this.answers.next();
    const answer = done ? undefined : (JSON.parse(value) as Answer);
    return answer !== undefined && 'counts' in answer ? answer : { skip: this.failure() };
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.end;
  }
}

export type Ran = { readonly skip: string } | { readonly seconds: number; readonly counts: readonly number[] };

/** The whole job in a process of its own, from its start to its end. */
export async function runPeer(name: PeerName, job: Job): Promise<Ran> {
  const began = performance.now();
  const child = start(name, { ...job, form: name.form }, 'ignore');
  const failure = failureReader(child);
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const problem = await ended(child);
  const seconds = (performance.now() - began) / 1000;
  if (problem !== null) return { skip: problem || failure() };
  const line = output.trim().split('\n').at(-1) ?? '';
  if (line === '') return { seconds, counts: [] };
  const answer = JSON.parse(line) as Answer;
  if ('counts' in answer) return { seconds, counts: answer.counts };
  return { skip: 'skip' in answer ? answer.skip : 'no answer' };
}

/** The command line of ghm, as its users would run it. */
export async function runGhm(job: Job): Promise<{ seconds: number }> {
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
  const { logits, labels, out, bins, threads } = job;
  const flags = ['--logits', logits, '--labels', labels, '--out', out, '--force', '--quiet'];
  const args = [main, 'reweight', ...flags, '--bins', String(bins), '--threads', String(threads)];
  const [command, ...rest] = [...tasksetPrefix(threads), process.execPath, ...args];
  const began = performance.now();
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const failure = failureReader(child);
  const problem = await ended(child);
  if (problem !== null) throw new Error(`ghm reweight: ${problem || failure()}`);
  return { seconds: (performance.now() - began) / 1000 };
}
