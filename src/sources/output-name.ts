import { dirname, sep } from 'node:path';
import { usageError } from '../errors.ts';

/** What an output is named after: its logits file, and their key where a file has several. */
export interface OutputOrigin {
  readonly path: string;
  readonly key: string | null;
}

const SUFFIX = /(?<=[^/])\.(?:npy(?:\.gz|\.zst)?|npz|safetensors|parquet|arrow|feather|csv|tsv|jsonl|ndjson)$/;

/** What no part of a file's name that comes out of a file may have: it could lead elsewhere, or steer a terminal. */
const NOT_IN_NAMES = /[/\\\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The names of the outputs of logits: the path of their file below the deepest folder that holds all of them,
 * `/`-separated, without `.npy` and the like, with the key behind it where the file has several.
 *
 * @param origins absolute paths
 * @throws usageError where two would get one output
 */
export function outputNames(origins: readonly OutputOrigin[]): string[] {
  const folders = origins.map(({ path }) => segmentsOf(dirname(path)));
  const [first = [], ...others] = folders;
  const differs = first.findIndex((segment, i) => others.some((folder) => folder[i] !== segment));
  const shared = differs === -1 ? first.length : differs;
  const names = origins.map(({ path, key }) => {
    const file = segmentsOf(path).slice(shared).join('/').replace(SUFFIX, '');
    return key === null ? file : `${file}.${key.replace(NOT_IN_NAMES, '.')}`;
  });
  const owners = new Map<string, string>();
  names.forEach((name, i) => {
    const { path = '', key = null } = origins[i] ?? {};
    const origin = key === null ? path : `${path}[${key}]`;
    const owner = owners.get(name);
    if (owner !== undefined) {
      throw usageError(
        `${owner} and ${origin} would both have the output ${name}; rename one of them or run them apart`,
      );
    }
    owners.set(name, origin);
  });
  return names;
}

const segmentsOf = (path: string): string[] => path.split(sep).filter((segment) => segment !== '');
