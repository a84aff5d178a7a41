import pc from 'picocolors';
import { ExitCode, GhmError, tellsOfOpenFiles } from '../errors.ts';
import { isTerminal } from '../report/terminal/page.ts';
import { printable, printableLines } from '../report/terminal/printable.ts';

/** How a command ended that did not end well. */
export interface Failure {
  /** Lines for standard error. */
  readonly text: string;
  readonly exitCode: number;
}

/** Exit codes of the signals this program listens to: 128 and the number of the signal. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type HandledSignal = keyof typeof SIGNAL_EXIT_CODES;

/**
 * What to say and how to exit. A GhmError is for the user; an error of the operating system names itself; anything else
 * is a defect of this program, shown with its stack. `signal` is what ended the run, if one did.
 */
export function failureOf(error: unknown, signal: HandledSignal | undefined, color: boolean): Failure {
  const name = `ghm: ${pc.createColors(color).red('error')}: `;
  const prefix = color ? name : 'ghm: ';
  if (error instanceof GhmError) {
    const exitCode = error.exitCode === ExitCode.interrupted && signal ? SIGNAL_EXIT_CODES[signal] : error.exitCode;
    return { text: `${prefix}${error.lines.map(printable).join('\n')}\n`, exitCode };
  }
  if (signal !== undefined) return { text: `${prefix}interrupted\n`, exitCode: SIGNAL_EXIT_CODES[signal] };
  if (error instanceof Error && 'syscall' in error) {
    const advice = tellsOfOpenFiles(error.message) ? '; raise ulimit -n' : '';
    return { text: `${prefix}${printable(error.message)}${advice}\n`, exitCode: ExitCode.failure };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = `${prefix}this is a defect in ghm, not in your data or command; please report it with these lines\n${printableLines(stack)}\n`;
  return { text, exitCode: ExitCode.failure };
}

/** Colour on a terminal that can show it, unless NO_COLOR is set. */
export function colored(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTerminal(stream, env) && !env.NO_COLOR;
}
