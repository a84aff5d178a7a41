import type { Container } from './container.ts';
import type { InputFile } from './discover.ts';
import { closeInput, openInput, readUpTo } from './input-handle.ts';
import { openFile } from './open-file.ts';
import type { ParquetFile } from './parquet/open.ts';

/** Parquet files that are opened at once, and the bytes of their footers together, at most. */
const MOST_AT_ONCE = 256;
const MOST_FOOTER_BYTES = 1 << 20;

/**
 * Opens files in their order, as `openFile` does each. Small Parquet files that follow each other are opened together, which takes
 * a tenth of the time.
 *
 * @throws what `openFile` would, at the turn of the file
 */
export async function* openFiles(
  files: readonly InputFile[],
  signal?: AbortSignal,
): AsyncGenerator<Container, undefined> {
  for (let next = 0; next < files.length; ) {
    const some = smallParquet(files, next);
    const opened = some.length > 1 ? await openTogether(some) : null;
    if (opened !== null) yield* opened;
    else for (const file of some.length > 1 ? some : [files[next]]) yield await openFile(file, signal);
    next += Math.max(1, some.length);
  }
}

async function openTogether(files: readonly ParquetFile[]): Promise<Container[] | null> {
  const { openSeveralParquet } = await import('./parquet/open.ts');
  return openSeveralParquet(files);
}

/** The Parquet files from number `first` on that can be opened together. */
function smallParquet(files: readonly InputFile[], first: number): ParquetFile[] {
  const found: ParquetFile[] = [];
  let footers = 0;
  for (let i = first; i < files.length && found.length < MOST_AT_ONCE; i++) {
    // whatever is called otherwise is opened by itself
    const file = files[i].name.endsWith('.parquet') ? withFooter(files[i]) : null;
    footers += file?.footerBytes ?? 0;
    if (file === null || footers > MOST_FOOTER_BYTES) break;
    found.push(file);
  }
  return found;
}

const MAGIC = 'PAR1';
/** The length of the footer, and the magic. */
const END_BYTES = 8;

/** A file that begins and ends as Parquet does; of others, and those that cannot be opened, `openFile` says what is wrong. */
function withFooter({ path, name }: InputFile): (ParquetFile & { readonly footerBytes: number }) | null {
  try {
    const handle = openInput(path, name);
    try {
      const end = Buffer.from(readUpTo(handle, Math.max(0, handle.stats.size - END_BYTES), END_BYTES));
      const isParquet = [handle.head.subarray(0, 4), end.subarray(4)].every(
        (magic) => Buffer.from(magic).toString('latin1') === MAGIC,
      );
      return isParquet ? { path: handle.path, name, stats: handle.stats, footerBytes: end.readUInt32LE(0) } : null;
    } finally {
      closeInput(handle);
    }
  } catch {
    return null;
  }
}
