import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { inputError, usageError } from '../errors.ts';
import { isFileList, readFileList } from './file-list.ts';
import { expandGlob, isGlob, splitGlob } from './glob.ts';
import { cannotRead, statInputFile } from './identity.ts';
import { compareNatural } from './natural-order.ts';
import { nearestName } from './nearest-name.ts';

/** A file that the user gave, or that one of the given globs matched. */
export interface InputFile {
  /** Absolute; symbolic links are kept. */
  readonly path: string;
  /** As the user wrote or would write it. */
  readonly name: string;
}

/** The option that a list of files came from, for messages. */
export type FileOption =
  | '--logits'
  | '--labels'
  | '--label-weights'
  | '--bbox-pred'
  | '--bbox-target'
  | '--bbox-weights'
  | ColumnOption
  | '--coco-results'
  | '--coco-annotations'
  | 'partials'
  | 'files'
  | 'FILES';
export type ColumnOption = `--column ${string}`;

/** The option that the files of a column came from. */
export const columnOption = (name: string): ColumnOption => `--column ${name}`;

/** How files are ordered: by name, or as they were given, those of a glob by name. */
export type FileOrder = 'natural' | 'given';

/** Endings of the files that are taken from a folder, but for weights that `ghm` wrote. */
const IN_FOLDERS = /(?<!\.(?:beta|code))\.(?:npy(?:\.gz|\.zst)?|npz|safetensors|parquet|arrow|feather)$/;

/**
 * Expands paths, folders, globs and lists (`@FILE`), relative to `cwd`, into files: in natural order of their absolute
 * paths, whatever the order given (unless `order` says otherwise), and each file (by real path) once. Lists alone keep their order, every line counts.
 * What exists by the very name given is taken literally. Of a folder, files below it are taken that can hold arrays; or the
 * partials in it, *.ghm.
 *
 * @throws usageError for no patterns or an empty one; inputError for a missing file, or where nothing is found
 */
export async function discover(
  patterns: string | readonly string[],
  option: FileOption,
  cwd = process.cwd(),
  order: FileOrder = 'natural',
  breathe: Breathe = breathing(),
): Promise<InputFile[]> {
  const list = typeof patterns === 'string' ? [patterns] : patterns;
  if (list.length === 0) throw usageError(`${option}: expected at least one file or glob, found none`);
  if (list.includes('')) throw usageError(`${option}: expected a file or glob, found an empty text`);
  const sorted = (files: readonly InputFile[]) => files.toSorted((a, b) => compareNatural(a.path, b.path));
  const found: InputFile[][] = [];
  for (const pattern of list) {
    found.push(namesOf(pattern, option, cwd).map((name) => ({ name, path: resolve(cwd, name) })));
    await breathe();
  }
  if (list.every((pattern) => isFileList(pattern, cwd))) return found.flat();
  const files =
    order === 'given'
      ? found.flatMap((some, i) => (isFileList(list[i], cwd) ? some : sorted(some)))
      : sorted(found.flat());
  const once: InputFile[] = [];
  const seen = new Set<string>();
  for (const file of files) {
    const real = realPath(file.path, file.name);
    if (!seen.has(real)) once.push(file);
    // that of the file is kept anyway
    seen.add(real === file.path ? file.path : real);
    await breathe();
  }
  return once;
}

function namesOf(pattern: string, option: FileOption, cwd: string): string[] {
  if (isGlob(pattern, cwd)) {
    const names = expandGlob(pattern, cwd);
    if (names.length === 0)
      throw inputError(`${option} ${pattern}: the glob matches no file. ${lookedIn(pattern, cwd)}`);
    return names;
  }
  if (isFileList(pattern, cwd)) return readFileList(pattern, option, cwd);
  const path = resolve(cwd, pattern);
  if (!existsSync(path)) throw inputError(`${option} ${pattern}: no such file. ${nearest(pattern, path)}`);
  if (statSync(path).isDirectory()) {
    return option === 'partials' ? partialsInFolder(pattern, path) : namesInFolder(pattern, path, option);
  }
  statInputFile(path, `${option} ${pattern}`);
  return [pattern];
}

function namesInFolder(pattern: string, path: string, option: FileOption): string[] {
  const names = expandGlob('**/*', path).filter((name) => IN_FOLDERS.test(name));
  if (names.length > 0) return names.map((name) => join(pattern, name));
  throw inputError(
    `${option} ${pattern}: neither the folder nor those below it hold files of arrays, such as .npy or .npz`,
  );
}

/** Partials in a folder, not below it. */
function partialsInFolder(pattern: string, path: string): string[] {
  const names = namesIn(path).filter((name) => name.endsWith('.ghm') && !name.startsWith('.'));
  if (names.length > 0) return names.map((name) => join(pattern, name));
  throw inputError(`partials ${pattern}: the folder holds no files *.ghm; expected partials of ghm histogram`);
}

function realPath(path: string, name: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throw cannotRead(error, name);
  }
}

function nearest(written: string, path: string): string {
  const folder = dirname(path);
  if (!existsSync(folder)) return `There is no folder ${dirname(written)}`;
  const name = nearestName(basename(path), namesIn(folder));
  return name === null ? 'Check the path' : `Did you mean ${join(dirname(written), name)}?`;
}

function lookedIn(pattern: string, cwd: string): string {
  const { folder, written } = splitGlob(pattern, cwd);
  const where = written === '' ? 'the working directory' : written;
  const names = namesIn(folder);
  if (names.length === 0) return `Looked in ${where}, which is empty`;
  const [first] = names;
  return `Looked in ${where}, which holds ${first}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort(compareNatural);
  } catch {
    return [];
  }
}
