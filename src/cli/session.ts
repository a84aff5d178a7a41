import pc from 'picocolors';
import { breathing } from '../breath.ts';
import type { Progress } from '../options/options.ts';
import { isTerminal, type Page, pageOf } from '../report/terminal/page.ts';
import { plainJsonLine, printable } from '../report/terminal/printable.ts';
import { noProgress, plainProgress, terminalProgress } from '../report/terminal/progress.ts';
import type { Step } from '../report/terminal/progress-line.ts';
import { wrapped } from '../report/terminal/wrap.ts';
import { colored } from './failure.ts';
import { writeAll } from './write-all.ts';

/** What a command has of the world: a signal to stop, and a place to say things. */
export interface Session {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onStep: (step: Step) => void;
  readonly onWarning: (message: string) => void;
  /** A line of what goes on, for a command that has no end of its own. */
  readonly log: (line: string) => void;
  /**
   * The result of the command: data with --json, nothing with --quiet, else a report, on standard output. Done when all of it is
   * written, which a signal ends.
   */
  show<T>(data: T, report: (page: Page) => readonly string[]): Promise<void>;
  /** The same for a command that is asked for nothing but its report. */
  answer<T>(data: T, report: (page: Page) => readonly string[]): Promise<void>;
  /** Data as text, piece by piece, in lines that are not to be broken; one JSON object with --json. */
  print(text: Iterable<string>, data?: unknown): Promise<void>;
  /** Takes the progress off the screen. */
  close(): void;
}

/** How the user wants to be spoken to. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Opens the session of one command on the streams of this process. */
export function openSession(signal: AbortSignal, { json, quiet }: Manner): Session {
  const { stdout, stderr, env } = process;
  const progress = quiet
    ? noProgress(stderr)
    : isTerminal(stderr, env)
      ? terminalProgress(stderr)
      : plainProgress(stderr);
  const colors = pc.createColors(colored(stderr, env));
  const warned = new Set<string>();

  const print: Session['print'] = (text, data) => {
    progress.close();
    return writeAll(stdout, json && data !== undefined ? plainJsonLine(data) : text, breathing(signal));
  };
  const answer: Session['answer'] = (data, report) => {
    const page = pageOf(stdout, env);
    const lines = json ? [] : report(page);
    // a terminal would break words; what goes elsewhere keeps its lines
    const shown = stdout.isTTY ? lines.flatMap((line) => wrapped(line, page.width)) : lines;
    return print(
      shown.map((line) => `${line}\n`),
      data,
    );
  };
  return {
    signal,
    onProgress: ({ pass, ...step }) => progress.update({ label: pass, ...step }),
    onStep: (step) => progress.update(step),
    onWarning: (message) => {
      // a plan and the run it belongs to warn of the same things
      if (warned.has(message)) return;
      warned.add(message);
      progress.print(`ghm: ${colors.yellow('warning')}: ${printable(message)}`);
    },
    log: (line) => {
      if (!quiet) progress.print(`ghm: ${printable(line)}`);
    },
    show: async (data, report) => {
      if (json || !quiet) await answer(data, report);
    },
    answer,
    print,
    close: () => progress.close(),
  };
}
