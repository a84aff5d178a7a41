import { join } from 'node:path';
import { SHARDS_FOLDER } from './shard-record.ts';

/** Where the jobs of one run keep what is no output yet: a hidden folder in that of the outputs, so that files can be moved. */
export interface RunFolder {
  readonly path: string;
  readonly counts: string;
  /** The partial of a shard. */
  readonly partial: (index: number) => string;
  /** The partial of all. */
  readonly merged: string;
  readonly shards: string;
}

/** @param run the name of the run, which no other has */
export function folderOfRun({ out, run }: { readonly out: string; readonly run: string }): RunFolder {
  const path = join(out, `.${run}`);
  const counts = join(path, 'counts');
  return {
    path,
    counts,
    partial: (index) => join(counts, `${index}.ghm`),
    merged: join(path, 'all.ghm'),
    shards: join(path, SHARDS_FOLDER),
  };
}
