import { closeSync } from 'node:fs';
import { takeNulls } from '../src/sources/null-mark.ts';
import { BLOCK_READERS, type RowReader } from '../src/sources/row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type RawArray, type ReadableArray, type Row } from '../src/sources/source.ts';
import { openPlanned, readFully } from './file-io.ts';

/** Opens an array for reading. @throws inputError where its file is gone or not the one that was planned */
export function openRows(source: ReadableArray, end: Row): RowReader | Promise<RowReader> {
  const fd = openPlanned(source);
  if (source.kind === 'raw') return rawRows(source, fd);
  // the reader opens the file in its own way
  closeSync(fd);
  const load = BLOCK_READERS[source.format];
  if (load === undefined) throw new TypeError(`no reader of blocks for ${source.format}`);
  return load().then(async (open) => takingNulls(source, await open(source, end)));
}

/** The reader, with the marks of nulls taken out of what it reads. */
function takingNulls(source: BlockArray, reader: RowReader): RowReader {
  if (!source.nulls || source.nullAs !== 'mark') return reader;
  const { prepare } = reader;
  let nulls: readonly number[] = [];
  return {
    ...(prepare && { prepare }),
    read(firstRow, into) {
      reader.read(firstRow, into);
      nulls = takeNulls(source, into);
    },
    nulls: () => nulls,
    close: () => reader.close(),
  };
}

function rawRows({ name, dataOffset, columns, dtype }: RawArray, fd: number): RowReader {
  const rowBytes = columns * DTYPE_BYTES[dtype];
  return {
    read: (firstRow, into) => readFully(fd, into, dataOffset + firstRow * rowBytes, name),
    close: () => closeSync(fd),
  };
}
