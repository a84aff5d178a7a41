import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { type ChecksummedFile, checksumOfFile } from '../checksummed-file.ts';
import { GhmError, inputError } from '../errors.ts';
import type { Damage, Provenance, VerifiedRun } from '../options/results.ts';
import { readJson } from '../partial/read.ts';
import { sealOf } from '../sealed-json.ts';
import { isWithin } from '../sinks/links-out.ts';
import { cannotRead } from '../sources/identity.ts';
import { SUMMARY_FILE } from './finish.ts';

/** summary.json lists every file of a run. */
export const MOST_SUMMARY_BYTES = 2 ** 30;

/** A run and what is to be compared. */
export interface OpenedRun extends VerifiedRun {
  readonly outputs: readonly ChecksummedFile[];
  readonly damage: readonly Damage[];
}

/** Reads and checks the summary.json of an output folder: nothing that it says is believed before. */
export async function openRun(path: string): Promise<OpenedRun> {
  try {
    const { outputs, ...run } = await readSealedSummary(join(path, SUMMARY_FILE));
    const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
    return { kind: 'run', path, files: outputs.length, bytes, run, outputs, damage: [] };
  } catch (error) {
    if (!(error instanceof GhmError)) throw error;
    const damage = [{ path: join(path, SUMMARY_FILE), message: error.message }];
    return { kind: 'run', path, files: 0, bytes: 0, run: null, outputs: [], damage };
  }
}

/** @throws inputError where it is missing, not what it has to be, or not as it was written */
async function readSealedSummary(path: string): Promise<Provenance & { readonly outputs: readonly ChecksummedFile[] }> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    throw inputError(
      `${path}: missing; expected the output folder of ghm reweight or ghm apply, or the file of a partial`,
    );
  }
  const { json } = await readJson(path, 'the summary.json of a run', MOST_SUMMARY_BYTES);
  const { verifiedSchema } = await import('./summary-schema.ts');
  const parsed = verifiedSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(`${path}: not a valid summary.json: ${issue.path.join('.') || 'the document'}: ${issue.message}`);
  }
  checkSeal(json, path);
  const { schema: _, densityFile, ...fields } = parsed.data;
  return { ...fields, ...(densityFile && { densityFile }) };
}

/** The seal is of all fields, those that nothing reads too. @throws inputError */
export function checkSeal(json: unknown, path: string): void {
  const { sha256, ...document } = json as Readonly<Record<string, unknown>>;
  if (typeof sha256 !== 'string') {
    throw inputError(`${path}: has no checksum of itself; expected a field sha256, found ${JSON.stringify(sha256)}`);
  }
  const found = sealOf(document);
  if (found !== sha256) {
    throw inputError(`${path}: damaged: expected content of SHA-256 ${sha256.slice(0, 64)}, found ${found}`);
  }
}

/**
 * Compares one output with its checksum. A file of another length is not read.
 *
 * @param folder the real path of the output folder
 * @param path of the file, as the user would write it
 * @param onChunk is told bytes as they are read, and may end it by throwing
 */
export async function damageOf(
  output: ChecksummedFile,
  folder: string,
  path: string,
  onChunk: (bytes: number) => void,
): Promise<Damage | undefined> {
  const expected = `${path}: expected ${output.bytes} bytes of CRC-32 ${output.crc32}, found`;
  const damage = (found: string): Damage => ({ path, message: `${expected} ${found}` });
  const file = join(folder, output.path);
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return damage('no file');
    const real = realpathSync.native(file);
    if (!isWithin(real, folder)) {
      return damage(`a symbolic link out of the folder, to ${real}, which is not followed`);
    }
    const kind = kindOf(lstatSync(real));
    if (kind !== undefined) return damage(kind);
    const { size } = lstatSync(real);
    if (size !== output.bytes) return damage(`${size} bytes`);
    const found = await checksumOfFile(real, onChunk);
    return found.crc32 === output.crc32 ? undefined : damage(`${found.bytes} bytes of CRC-32 ${found.crc32}`);
  } catch (error) {
    if (error instanceof GhmError) throw error;
    return { path, message: cannotRead(error, path).message };
  }
}

/** What is no file. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  return stats.isDirectory() ? 'a folder' : 'a pipe or device';
}
