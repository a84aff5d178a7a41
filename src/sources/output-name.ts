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
  const shared = sharedSegments(origins);
  const names = origins.map(({ path, key }) => {
    const file = segmentsOf(path).slice(shared).join('/').replace(SUFFIX, '');
    return key === null ? file : `${file}.${key.replace(NOT_IN_NAMES, '.')}`;
  });
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (seen.has(name)) {
      const [owner, other] = [origins[names.indexOf(name)], origins[i]].map(originText);
      throw usageError(
        `${owner} and ${other} would both have the output ${name}; rename one of them or run them apart`,
      );
    }
    seen.add(name);
  }
  return names;
}

const originText = ({ path, key }: OutputOrigin): string => (key === null ? path : `${path}[${key}]`);

/** How many segments of their folders all paths begin with. */
function sharedSegments(origins: readonly OutputOrigin[]): number {
  const first = dirname(origins[0]?.path ?? '');
  const segments = segmentsOf(first);
  let shared = segments.length;
  let before = first;
  for (const { path } of origins) {
    const folder = dirname(path);
    // many files lie in one folder
    if (folder === before) continue;
    before = folder;
    const others = segmentsOf(folder);
    const differs = segments.findIndex((segment, i) => others[i] !== segment);
    if (differs >= 0) shared = Math.min(shared, differs);
  }
  return shared;
}

const segmentsOf = (path: string): string[] => path.split(sep).filter((segment) => segment !== '');
