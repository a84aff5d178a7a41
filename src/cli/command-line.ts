import { ExitCode } from '../errors.ts';
import { apply } from './commands/apply.ts';
import { bench } from './commands/bench.ts';
import { completion } from './commands/completion.ts';
import { demo } from './commands/demo.ts';
import { finish } from './commands/finish.ts';
import { generate } from './commands/generate.ts';
import { histogram } from './commands/histogram.ts';
import { inspect } from './commands/inspect.ts';
import { merge } from './commands/merge.ts';
import { outliers } from './commands/outliers.ts';
import { report } from './commands/report.ts';
import { reweight } from './commands/reweight.ts';
import { submit } from './commands/submit.ts';
import { verify } from './commands/verify.ts';
import { worker } from './commands/worker.ts';
import { COMPLETE, candidates, completionLines } from './completion.ts';
import { colored, failureOf } from './failure.ts';
import { gettingStarted } from './getting-started.ts';
import { parse } from './parse.ts';
import { openSession, type Session } from './session.ts';
import { listenForSignals } from './signals.ts';

const COMMANDS = [
  reweight,
  histogram,
  merge,
  apply,
  finish,
  submit,
  worker,
  report,
  outliers,
  inspect,
  verify,
  generate,
  bench,
  demo,
  completion,
];

/** Runs `ghm` with these arguments on the streams of this process. Resolves to the exit code; never rejects. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const { stdout, stderr, env } = process;
  survivePipes();
  const interruption = listenForSignals();
  const fail = (error: unknown): number => {
    const { text, exitCode } = failureOf(error, interruption.received(), colored(stderr, env));
    stderr.write(text);
    return exitCode;
  };
  process.on('uncaughtException', (error) => process.exit(fail(error)));

  let session: Session | undefined;
  try {
    if (args.length === 0) {
      stderr.write(gettingStarted());
      return ExitCode.usage;
    }
    if (args[0] === COMPLETE) {
      // args: --complete SHELL -- WORD..
      const lines = completionLines(args[1] ?? '', candidates(args.slice(3), COMMANDS));
      stdout.write(lines.map((line) => `${line}\n`).join(''));
      return ExitCode.done;
    }
    const request = parse(args, COMMANDS);
    if (request.help !== undefined) {
      const { helpOf } = await import('./help.ts');
      stdout.write(helpOf(request.help, COMMANDS));
      return ExitCode.done;
    }
    const { command, flags } = request;
    session = openSession(interruption.signal, { json: flags.on('json'), quiet: flags.on('quiet') });
    await command.run(flags, session);
    return ExitCode.done;
  } catch (error) {
    session?.close();
    return fail(error);
  } finally {
    session?.close();
    interruption.end();
  }
}

/** A reader who has seen enough (`ghm ... | head`) is no error; a full disk behind standard output is one. */
function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) process.stderr.write(`ghm: standard output: ${error.message}\n`);
      process.exit(ExitCode.failure);
    });
  }
}
