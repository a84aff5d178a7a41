import { closeSync } from 'node:fs';
import { takeNulls } from '../src/sources/null-mark.ts';
import { BLOCK_READERS, type RowReader } from '../src/sources/row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type RawArray, type ReadableArray, type Row } from '../src/sources/source.ts';
import { openPlanned, readFully } from './file-io.ts';

/** Opens an array for reading. @throws inputError where its file is gone or not the one that was planned */
export async function openRows(source: ReadableArray, end: Row): Promise<RowReader> {
  const [reader] = await openTogether([source], end);
  return reader;
}

/**
 * Opens arrays whose rows will be read together, up to `end`, and gives their readers in the same order.
 *
 * @param following arrays that will be opened next, in the same order, whole
 * @throws inputError where a file is gone or not the one that was planned
 */
export async function openTogether(
  sources: readonly ReadableArray[],
  end: Row,
  following: Iterable<readonly ReadableArray[]> = [],
): Promise<RowReader[]> {
  const readers: RowReader[] = [];
  try {
    for (const [i, source] of sources.entries()) {
      if (source.kind === 'raw') {
        readers[i] = rawRows(source, openPlanned(source));
      } else if (readers[i] === undefined) {
        const places = [...sources.keys()].filter((place) => isBlockOf(source, sources[place]));
        const opened = await openBlocks(
          sources.filter((other) => isBlockOf(source, other)),
          end,
          { [Symbol.iterator]: () => filesAt(places, following) },
        );
        for (const [k, place] of places.entries()) readers[place] = opened[k];
      }
    }
  } catch (error) {
    // forEach leaves out what has not been opened
    readers.forEach((reader) => {
      reader.close();
    });
    throw error;
  }
  return readers;
}

/** Of arrays that will be opened next those at these places, as long as they are of one file. */
function* filesAt(
  places: readonly number[],
  following: Iterable<readonly ReadableArray[]>,
): Generator<readonly BlockArray[]> {
  for (const sources of following) {
    const [first, ...others] = places.map((place) => sources[place]);
    if (first?.kind !== 'blocks') return;
    const blocks = [first, ...others.filter((other) => isBlockOf(first, other))];
    if (blocks.length < places.length) return;
    yield blocks;
  }
}

/** Opens arrays of one file. */
async function openBlocks(
  sources: readonly BlockArray[],
  end: Row,
  following: Iterable<readonly BlockArray[]>,
): Promise<RowReader[]> {
  const [{ format }] = sources;
  // the reader opens the file in its own way
  for (const source of sources) closeSync(openPlanned(source));
  const load = BLOCK_READERS[format];
  if (load === undefined) throw new TypeError(`no reader of blocks for ${format}`);
  const open = await load();
  const readers = await open(sources, end, following);
  return readers.map((reader, i) => takingNulls(sources[i], reader));
}

const isBlockOf = ({ path, format }: BlockArray, other: ReadableArray): other is BlockArray =>
  other.kind === 'blocks' && other.path === path && other.format === format;

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
