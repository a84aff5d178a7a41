import { closeSync } from 'node:fs';
import { BLOCK_READERS, type RowReader } from '../src/sources/row-reader.ts';
import { DTYPE_BYTES, type RawArray, type ReadableArray, type Row } from '../src/sources/source.ts';
import { openPlanned, readFully } from './file-io.ts';

/** Opens an array for reading. @throws inputError where its file is gone or not the one that was planned */
export function openRows(source: ReadableArray, end: Row): RowReader | Promise<RowReader> {
  const fd = openPlanned(source);
  if (source.kind === 'raw') return rawRows(source, fd);
  // the reader opens the file in its own way
  closeSync(fd);
  const load = BLOCK_READERS[source.format];
  if (load === undefined) throw new TypeError(`no reader of blocks for ${source.format}`);
  return load().then((open) => open(source, end));
}

function rawRows({ name, dataOffset, columns, dtype }: RawArray, fd: number): RowReader {
  const rowBytes = columns * DTYPE_BYTES[dtype];
  return {
    read: (firstRow, into) => readFully(fd, into, dataOffset + firstRow * rowBytes, name),
    close: () => closeSync(fd),
  };
}
