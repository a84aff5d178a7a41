/** The exit codes of the command line, a contract with scripts and schedulers. */
export const ExitCode = { done: 0, failure: 1, usage: 2, badData: 3, interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * An error meant for the person at the terminal: it says what, where, what was expected, what was found, and what to do.
 * Everything else that is thrown is a defect of this program.
 */
export class GhmError extends Error {
  readonly exitCode: ExitCode;
  /** Of the message. A line break inside one came with a name, and is not shown: names do not make lines. */
  readonly lines: readonly string[];

  constructor(exitCode: ExitCode, message: string | readonly string[], options?: ErrorOptions) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines.join('\n'), options);
    this.name = 'GhmError';
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

/** The command was asked for in a way it cannot be run: exit code 2. */
export const usageError = (message: string | readonly string[]): GhmError => new GhmError(ExitCode.usage, message);

/** The input data are not what they have to be: exit code 3. */
export const inputError = (message: string | readonly string[]): GhmError => new GhmError(ExitCode.badData, message);

/** Something failed while running (a disk, a worker): exit code 1. Says what to do about it where one thing helps. */
export const runError = (message: string, cause?: unknown): GhmError =>
  new GhmError(ExitCode.failure, message + (tellsOfOpenFiles(message) ? '; raise ulimit -n' : ''), { cause });

/** Whether a message, whoever made it, tells of the limit of open files. */
export const tellsOfOpenFiles = (message: string): boolean => /E[MN]FILE|too many open files/i.test(message);

/** The caller's AbortSignal, or Ctrl-C, ended the run: exit code 130. */
export const interrupted = (): GhmError => new GhmError(ExitCode.interrupted, 'interrupted: nothing was written');
