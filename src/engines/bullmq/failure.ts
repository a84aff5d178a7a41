import { ExitCode, GhmError, runError } from '../../errors.ts';

/** How a job says why it failed, where there is only a line of text: exit code first. */
export const failureText = (error: unknown): string =>
  error instanceof GhmError
    ? `exit ${error.exitCode}: ${error.message}`
    : `exit ${ExitCode.failure}: ${error instanceof Error ? error.message : String(error)}`;

/** Bad data and wrong options stay what they are, however often they are tried. */
export const isFinal = (error: unknown): boolean => error instanceof GhmError && error.exitCode !== ExitCode.failure;

/** Workers that may die of one job, or lose it, before the last that gets it. */
export const MOST_DEATHS = 3;

const CODES = new Map<string, ExitCode>(Object.values(ExitCode).map((code) => [String(code), code]));

/** The error that a job failed with. */
export function failureOf(reason: string, job: string): GhmError {
  const [, written = '', message = ''] = /^exit (\d+): (.*)$/s.exec(reason) ?? [];
  const code = CODES.get(written);
  if (/stalled more than/.test(reason)) {
    return runError(
      `${job}: was given to ${MOST_DEATHS + 1} workers, of which each died or lost the server for longer than its --lock; what they ` +
        'said last may tell why, such as too little memory',
    );
  }
  return code === undefined ? runError(`${job} failed: ${reason}`) : new GhmError(code, message.split('\n'));
}
