import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../src/sources/open-file.ts';
import { unpackRows } from '../../src/sources/packed/rows.ts';
import { type ArraySource, DTYPE_BYTES } from '../../src/sources/source.ts';
import { folderOf } from './npy-files.ts';

/** All rows of an array, as a run gets them. */
export async function rowsOf(source: ArraySource): Promise<Buffer> {
  const bytes = Buffer.alloc(source.rows * source.columns * DTYPE_BYTES[source.dtype]);
  const fd = openSync(source.path, 'r');
  try {
    if (source.kind === 'raw') readSync(fd, bytes, 0, bytes.length, source.dataOffset);
    else if (source.kind === 'packed')
      await unpackRows(fd, source, (rows, at) => {
        bytes.set(rows, at);
        return true;
      });
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** Opens the file `name` of this content, and array `key` in it (`''` where it is the only one). */
export async function arrayOf(content: Uint8Array, name: string, key = ''): Promise<ArraySource> {
  const container = await openFile({ path: join(folderOf({ [name]: content }), name), name });
  return container.open(key);
}
