import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { interrupted, runError, usageError } from '../errors.ts';
import type { RawOptions } from '../options/fields.ts';
import type { Summary } from '../run/summary.ts';
import type { Session } from './session.ts';

const INPUTS = ['files', 'logits', 'labels', 'labelWeights', 'bboxPred', 'bboxTarget', 'bboxWeights'];

/**
 * Runs a command whose input or output may be `-`. Standard input is read by both passes, so it is kept in a temporary
 * file first. With `--out -` the run writes into a temporary folder, and its one file of weights goes to standard output,
 * where no report goes then.
 *
 * @param run validates, runs and shows; resolves to the summary, or to nothing where nothing was run
 * @throws usageError where `-` is asked for more than once, or the output is more than one file
 */
export async function withStandardStreams(
  raw: RawOptions,
  session: Session,
  run: (raw: RawOptions, session: Session) => Promise<Summary | undefined>,
): Promise<void> {
  const fromInput = INPUTS.filter((key) => [raw[key]].flat().includes('-'));
  const toOutput = raw.out === '-';
  if (fromInput.length === 0 && !toOutput) {
    await run(raw, session);
    return;
  }
  if (fromInput.length > 1 || fromInput.some((key) => [raw[key]].flat().length > 1))
    throw usageError('-: standard input is one file; expected it once, and alone in its option');
  const folder = mkdtempSync(join(tmpdir(), 'ghm-'));
  try {
    const [key] = fromInput;
    const input = key === undefined ? {} : { [key]: [await keepInput(folder, session.signal)] };
    const output = toOutput ? { out: join(folder, 'out') } : {};
    const summary = await run({ ...raw, ...input, ...output }, toOutput ? silent(session) : session);
    if (toOutput && summary !== undefined) await sendWeights(join(folder, 'out'), summary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function keepInput(folder: string, signal: AbortSignal): Promise<string> {
  const path = join(folder, 'standard-input');
  try {
    await pipeline(process.stdin, createWriteStream(path), { signal });
    return path;
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw runError(`standard input cannot be kept in ${folder} (${String(error)}); TMPDIR names another place`, error);
  }
}

async function sendWeights(out: string, { outputs }: Summary): Promise<void> {
  const weights = outputs.map(({ path }) => path).filter((path) => path !== 'density.json' && path !== 'report.html');
  const [path, second] = weights;
  if (path === undefined || second !== undefined)
    throw usageError(`--out -: there are ${weights.length} files of weights; expected one. Write them to a folder`);
  await pipeline(createReadStream(join(out, path)), process.stdout, { end: false });
}

/** Standard output belongs to the weights. */
const silent = (session: Session): Session => ({ ...session, show: () => {} });
