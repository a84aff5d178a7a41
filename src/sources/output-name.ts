import { dirname, sep } from 'node:path';
import { usageError } from '../errors.ts';

/**
 * The names of the outputs of logits files: the path below the deepest folder that holds all of them, `/`-separated,
 * without `.npy`.
 *
 * @param paths absolute paths, each file once
 * @throws usageError where two files would get one output
 */
export function outputNames(paths: readonly string[]): string[] {
  const folders = paths.map((path) => segmentsOf(dirname(path)));
  const [first = [], ...others] = folders;
  const differs = first.findIndex((segment, i) => others.some((folder) => folder[i] !== segment));
  const shared = differs === -1 ? first.length : differs;
  const names = paths.map((path) =>
    segmentsOf(path)
      .slice(shared)
      .join('/')
      .replace(/(?<=[^/])\.npy$/, ''),
  );
  const owners = new Map<string, string>();
  names.forEach((name, i) => {
    const path = paths[i] ?? '';
    const owner = owners.get(name);
    if (owner !== undefined) {
      throw usageError(`${owner} and ${path} would both have the output ${name}; rename one of them or run them apart`);
    }
    owners.set(name, path);
  });
  return names;
}

const segmentsOf = (path: string): string[] => path.split(sep).filter((segment) => segment !== '');
