/** What a report is printed on. */
export interface Page {
  /** Columns of a line. */
  readonly width: number;
  /** What text bars are made of. */
  readonly bar: string;
}

const NARROWEST = 40;

/** The page of a stream: its columns, 80 where it has none (a file, a pipe, a terminal that does not say). */
export function pageOf(stream: { readonly columns?: number }, env: Readonly<Record<string, string | undefined>>): Page {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return { width: Math.max(NARROWEST, stream.columns || 80), bar: /utf-?8/i.test(locale) ? '█' : '#' };
}

/** A terminal that understands escape sequences. */
export function isTerminal(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}
