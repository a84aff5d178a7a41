import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { usageError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import { columnOption } from './discover.ts';
import { isGlob, splitGlob, wouldMatch } from './glob.ts';
import { type ArraySource, arraysOfAll, type PartArrays } from './source.ts';

type InputPatterns = Pick<
  StreamOptions,
  'files' | 'logits' | 'labels' | 'labelWeights' | 'bboxPred' | 'bboxTarget' | 'bboxWeights' | 'columns'
>;

const OWN_FOLDER = 'Write to a folder of its own';

/** What of a part says where its files are and where its output goes. */
export interface PlacedPart extends PartArrays<Pick<ArraySource, 'path' | 'name'>> {
  readonly outputName: string;
}

/**
 * Sees that outputs cannot fall on inputs, nor be taken for inputs by the next run. A folder below that of the inputs is
 * fine. Real paths are compared; the folder need not be there yet.
 *
 * @param suffix what follows the name of a part in its output, such as `.beta.npy`
 * @param patterns as the user gave them, to see which of them would match an output
 * @throws usageError
 */
export async function checkOutputPlace(
  out: string,
  parts: Iterable<PlacedPart>,
  patterns: InputPatterns,
  suffix: string,
  breathe: Breathe = breathing(),
  cwd = process.cwd(),
): Promise<void> {
  const realPlace = realPlaces();
  const folder = realPlace(resolve(cwd, out));
  // both where an input lies and where a symbolic link to it lies
  const inputs = new Map<string, string>();
  for (const { path, name } of arraysOfAll(parts)) {
    inputs.set(realPlace(path), name);
    inputs.set(join(realPlace(dirname(path)), basename(path)), name);
    await breathe();
  }
  checkIsFolder(out, folder, inputs);
  for (const [path, name] of inputs) {
    if (dirname(path) === folder)
      throw usageError(`--out ${out}: is the folder of the input ${name}. ${OWN_FOLDER}, such as ${join(out, 'ghm')}`);
  }
  for (const { outputName } of parts) {
    const name = inputs.get(realPlace(join(folder, outputName + suffix)));
    if (name !== undefined)
      throw usageError(`--out ${out}: ${outputName}${suffix} in it is the input ${name}. ${OWN_FOLDER}`);
    await breathe();
  }
  await checkPatterns(out, folder, parts, patterns, suffix, breathe, cwd);
}

/**
 * Sees that an output file is not one of the inputs, by another name neither.
 *
 * @throws usageError
 */
export async function checkOutputFile(
  out: string,
  inputs: Iterable<{ readonly path: string; readonly name: string }>,
  breathe: Breathe = breathing(),
): Promise<void> {
  const place = realPlaces()(resolve(out));
  for (const { path, name } of inputs) {
    if (realpathSync.native(path) === place)
      throw usageError(`--out ${out}: is the input ${name}; write to another file`);
    await breathe();
  }
}

function checkIsFolder(out: string, folder: string, inputs: ReadonlyMap<string, string>): void {
  for (let path = folder; ; path = dirname(path)) {
    const kind = kindOf(path);
    if (kind === 'folder') return;
    if (kind === 'file') {
      const name = inputs.get(path);
      const what = path === folder ? 'is' : `lies in ${path}, which is`;
      throw usageError(
        `--out ${out}: ${what} ${name === undefined ? 'a file' : `the input ${name}`}; expected a folder`,
      );
    }
    if (path === dirname(path)) return;
  }
}

function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
}

async function checkPatterns(
  out: string,
  folder: string,
  parts: Iterable<PlacedPart>,
  patterns: InputPatterns,
  suffix: string,
  breathe: Breathe,
  cwd: string,
): Promise<void> {
  const options = [
    ['FILES', patterns.files ?? []],
    ['--logits', patterns.logits ?? []],
    ['--labels', patterns.labels ?? []],
    ['--label-weights', patterns.labelWeights ?? []],
    ['--bbox-pred', patterns.bboxPred ?? []],
    ['--bbox-target', patterns.bboxTarget ?? []],
    ['--bbox-weights', patterns.bboxWeights ?? []],
    ...Object.entries(patterns.columns ?? {}).map(([name, given]) => [columnOption(name), given] as const),
  ] as const;
  for (const [option, given] of options) {
    for (const pattern of [given].flat()) {
      if (!isGlob(pattern, cwd)) continue;
      const base = realPlaces()(splitGlob(pattern, cwd).folder);
      for (const { outputName } of parts) {
        await breathe();
        if (!wouldMatch(pattern, join(folder, outputName + suffix), cwd, base)) continue;
        throw usageError(
          `--out ${out}: ${option} ${pattern} would match ${join(out, outputName + suffix)}, so that the next run would ` +
            'read its own outputs. Write to a folder outside of it, or name the inputs more closely, such as *.logits.npy',
        );
      }
    }
  }
}

/** Gives the real path of a path, or of what of it is there, with the rest as it is. Remembers folders: they have many files. */
function realPlaces(): (path: string) => string {
  const folders = new Map<string, string>();
  const realPlace = (path: string): string => {
    try {
      // an output that is not there yet is the common case, and an error for each takes long
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync.native(path);
    } catch {
      // below a file, or a link to nothing
    }
    const parent = dirname(path);
    return parent === path ? path : join(realFolder(parent), basename(path));
  };
  const realFolder = (path: string): string => {
    const real = folders.get(path) ?? realPlace(path);
    folders.set(path, real);
    return real;
  };
  return realPlace;
}
