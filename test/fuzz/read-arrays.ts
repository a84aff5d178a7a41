import { closeSync, openSync, readSync } from 'node:fs';
import { GhmError } from '../../src/errors.ts';
import { inspect } from '../../src/run/inspect.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { unpackRows } from '../../src/sources/packed/rows.ts';
import { BLOCK_READERS } from '../../src/sources/row-reader.ts';
import { type ArraySource, type BlockArray, DTYPE_BYTES } from '../../src/sources/source.ts';

/** An array that says it is larger is looked at, not read: a small file may hold it where it is compressed well. */
const MOST_BYTES = 1 << 24;

/** All arrays of a file as a run reads them, and what `inspect` says of it. */
export async function readArrays(path: string): Promise<void> {
  const { layout, keys, open } = await openFile({ path, name: path });
  const wanted = layout === 'columns' && keys.length > 0 ? [...keys, '*'] : layout === 'array' ? [''] : keys;
  let refusal: unknown;
  for (const key of wanted) {
    try {
      await readArray(await open(key));
    } catch (error) {
      // one that is no numbers says nothing of the next
      if (!(error instanceof GhmError) || error.exitCode !== 3) throw error;
      refusal ??= error;
    }
  }
  await inspect([path]);
  if (refusal !== undefined) throw refusal;
}

async function readArray(source: ArraySource): Promise<void> {
  const bytes = source.rows * source.columns * DTYPE_BYTES[source.dtype];
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new TypeError(`${bytes} bytes`);
  if (bytes > MOST_BYTES && source.kind !== 'packed') return;
  if (source.kind === 'blocks') return readBlocks(source);
  const file = openSync(source.path, 'r');
  try {
    if (source.kind === 'packed') {
      await unpackRows(file, source, (rows, at) => {
        if (at < 0 || at + rows.length > bytes) throw new RangeError('rows outside of the array');
        return at < MOST_BYTES;
      });
    } else if (readSync(file, Buffer.alloc(bytes), 0, bytes, source.dataOffset) !== bytes) {
      throw new RangeError('an array that goes beyond its file');
    }
  } finally {
    closeSync(file);
  }
}

async function readBlocks(source: BlockArray): Promise<void> {
  const load = BLOCK_READERS[source.format];
  if (load === undefined) throw new TypeError(`no reader of ${source.format}`);
  const [reader] = await (await load())([source], source.rows);
  try {
    for (let row = 0; row < source.rows; row += 1000) {
      const rows = Math.min(1000, source.rows - row);
      await reader.prepare?.(row, rows);
      reader.read(row, new Uint8Array(rows * source.columns * DTYPE_BYTES[source.dtype]));
    }
  } finally {
    reader.close();
  }
}
