import { ExitCode, GhmError, runError } from '../../errors.ts';

/** How a job says why it failed, where there is only a line of text: exit code first. */
export const failureText = (error: unknown): string =>
  error instanceof GhmError
    ? `exit ${error.exitCode}: ${error.message}`
    : `exit ${ExitCode.failure}: ${error instanceof Error ? error.message : String(error)}`;

/** Bad data and wrong options stay what they are, however often they are tried. */
export const isFinal = (error: unknown): boolean => error instanceof GhmError && error.exitCode !== ExitCode.failure;

const CODES = new Map<string, ExitCode>(Object.values(ExitCode).map((code) => [String(code), code]));

/** The error that a job failed with. */
export function failureOf(reason: string, job: string): GhmError {
  const [, written = '', message = reason] = /^exit (\d+): (.*)$/s.exec(reason) ?? [];
  const code = CODES.get(written);
  return code === undefined ? runError(`${job} failed: ${message}`) : new GhmError(code, message.split('\n'));
}
