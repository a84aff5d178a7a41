import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type GhmError, interrupted, runError, usageError } from '../errors.ts';
import { BULLMQ } from '../options/engines.ts';
import type { RawOptions } from '../options/fields.ts';
import type { Summary } from '../run/summary.ts';
import type { Session } from './session.ts';

const INPUTS = ['files', 'logits', 'labels', 'labelWeights', 'bboxPred', 'bboxTarget', 'bboxWeights'];

/**
 * Runs a command whose input may be `-`. Standard input is read by both passes, so it is kept in a temporary file first.
 *
 * @param run validates, runs and shows, with the path of that file in place of `-`
 * @throws usageError where `-` is asked for more than once
 */
export async function withStandardInput<T>(
  raw: RawOptions,
  { signal }: Session,
  run: (raw: RawOptions) => Promise<T>,
): Promise<T> {
  const asking = INPUTS.filter((key) => [raw[key]].flat().includes('-'));
  const [key] = asking;
  if (key === undefined) return run(raw);
  if (raw.shard !== undefined)
    throw usageError('--shard: every shard reads the same files, and standard input is read once; give files');
  if (raw.resume === true) throw cannotResume('standard input is gone when it was read; keep it in a file');
  if (raw.engine === BULLMQ)
    throw usageError('--engine bullmq: workers read the same files, and standard input is read once; give files');
  if (asking.length > 1 || [raw[key]].flat().length > 1)
    throw usageError('-: standard input is one file; expected it once, and alone in its option');
  return inTemporary(async (folder) => run({ ...raw, [key]: [await keepInput(folder, signal)] }));
}

/**
 * Runs a command whose input or output may be `-`. With `--out -` the run writes into a temporary folder, and its one file of weights goes to standard output,
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
  await withStandardInput(raw, session, async (raw) => {
    if (raw.out === '-' && raw.resume === true)
      throw cannotResume('standard output cannot be gone on with; name a folder');
    if (raw.out !== '-') {
      await run(raw, session);
      return;
    }
    if (raw.shard !== undefined)
      throw usageError(
        '--shard: weights of a shard are a part of the files that ghm finish writes; give a folder, --out DIR',
      );
    if (raw.engine === BULLMQ)
      throw usageError('--engine bullmq: workers write into a folder that all of them see; give one, --out DIR');
    await inTemporary(async (folder) => {
      const out = join(folder, 'out');
      const summary = await run({ ...raw, out }, silent(session));
      if (summary !== undefined) await sendWeights(out, summary);
    });
  });
}

const cannotResume = (why: string): GhmError => usageError(`--resume: ${why}`);

async function inTemporary<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-'));
  try {
    return await use(folder);
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
const silent = (session: Session): Session => ({ ...session, show: async () => {} });
