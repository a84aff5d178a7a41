import { type Database, readingDatabase } from '../../duckdb/database.ts';
import type { RowReader } from '../row-reader.ts';
import type { BlockArray, Row } from '../source.ts';
import { damaged } from './metadata.ts';
import { openOneFile, rowBytesOf, vectorsOf } from './one-file.ts';
import { elementsOfRow, filesQuery, MOST_FILES, type ParquetArray, parquetArrays } from './reading.ts';
import { MOST_OF_SEVERAL } from './row-groups.ts';
import { ParquetTable, type TableRows } from './table.ts';
import { type RowVectors, rowVectors } from './vectors.ts';

/** Runs of this thread, by the path of the file that is next in each. */
const runs = new Map<string, FileRun>();

/**
 * Opens a small file and those that follow it, to be decoded by one query: to begin a query takes DuckDB longer than to read such
 * a file. `null` where it is too large for that, or the next one of another kind.
 *
 * @param following arrays of the files that will be opened next, whole
 */
export async function openAhead(
  arrays: readonly ParquetArray[],
  following: Iterable<readonly BlockArray[]>,
  database: Database,
): Promise<RowReader[] | null> {
  const files = runOf(arrays, following);
  if (files.length === 1) return null;
  return takenFrom(await FileRun.open(files, database), arrays);
}

/** A file that was opened ahead; `null` where it was not. */
export function openedAhead(arrays: readonly ParquetArray[]): RowReader[] | null {
  const [{ path }] = arrays;
  const run = runs.get(path);
  if (run === undefined) return null;
  runs.delete(path);
  return takenFrom(run, arrays);
}

/** The readers of the next file of a run, which waits for the one after it. */
function takenFrom(run: FileRun, arrays: readonly ParquetArray[]): RowReader[] | null {
  const readers = run.take(arrays);
  const { nextPath } = run;
  if (readers === null || nextPath === null) {
    run.release();
  } else {
    runs.get(nextPath)?.release();
    runs.set(nextPath, run);
  }
  return readers;
}

function runOf(
  arrays: readonly ParquetArray[],
  following: Iterable<readonly BlockArray[]>,
): (readonly ParquetArray[])[] {
  const files = [arrays];
  let elements = elementsOf(arrays);
  // looking ahead takes time too
  if (2 * elements > MOST_OF_SEVERAL) return files;
  for (const sources of following) {
    const next = parquetArrays(sources);
    if (next === null || !areAlike(arrays, next)) break;
    elements += elementsOf(next);
    if (elements > MOST_OF_SEVERAL || files.length === MOST_FILES) break;
    files.push(next);
  }
  return files;
}

const elementsOf = (arrays: readonly ParquetArray[]): number => arrays[0].rows * elementsOfRow(arrays);

/** Whether the values of two files are of the same types. */
const areAlike = (arrays: readonly ParquetArray[], others: readonly ParquetArray[]): boolean =>
  arrays.length === others.length &&
  arrays.every(({ columns, dtype, reading }, i) => {
    const other = others[i];
    return (
      columns === other.columns &&
      dtype === other.dtype &&
      reading.type === other.reading.type &&
      reading.listLength === other.reading.listLength
    );
  });

/** Files one after the other in a table, each with the number of its file beside its rows. */
class FileRun {
  private readonly files: readonly (readonly ParquetArray[])[];
  private readonly database: Database;
  private readonly table: ParquetTable;
  private readonly numbers: RowVectors;
  /** The file that is taken next, and the row of the table that it begins at. */
  private next = 0;
  private nextRow: Row = 0;
  /** Who may still ask for rows: readers of files, and whoever may take the next one. */
  private users = 1;
  /** Whether the files have to be read one by one. */
  private hasFailed = false;

  private constructor(files: readonly (readonly ParquetArray[])[], database: Database, table: ParquetTable) {
    this.files = files;
    this.database = database;
    this.table = table;
    const [[{ name }]] = files;
    const firstVector = files[0].reduce((sum, { reading }) => sum + reading.columns.length, 0);
    const { bindings } = database;
    this.numbers = rowVectors(
      { name, dtype: 'uint8', columns: 1, nullAs: 'refuse' },
      { bindings, listLength: null, firstVector },
    );
  }

  static async open(files: readonly (readonly ParquetArray[])[], database: Database): Promise<FileRun> {
    const [[{ name }]] = files;
    const rows = files.reduce((sum, [array]) => sum + array.rows, 0);
    const source: TableRows = {
      name,
      rows,
      blocks: null,
      columns: elementsOfRow(files[0]),
      query: (firstRow, end) => filesQuery(files, firstRow, end),
      // to plan it takes most of the time, and what is prepared is planned twice
      decode: (bindings, connection, sql) => bindings.query(connection, sql),
      explain: async (error) => damaged(name, error),
    };
    return new FileRun(files, database, await ParquetTable.open(source, rows, database));
  }

  get nextPath(): string | null {
    return this.next < this.files.length ? this.files[this.next][0].path : null;
  }

  /** Readers of the next file, if these arrays are its. */
  take(arrays: readonly ParquetArray[]): RowReader[] | null {
    const number = this.next;
    const file = this.files[number];
    const isNext = arrays.length === file.length && arrays.every((array, i) => isSame(array, file[i]));
    if (!isNext) return null;
    const before = this.nextRow;
    this.next++;
    this.nextRow += file[0].rows;
    this.users++;
    let alone: RowReader[] | null = null;
    let open = file.length;
    return vectorsOf(file, this.database.bindings).map((vectors, i): RowReader => {
      const rowBytes = rowBytesOf(file[i]);
      return {
        prepare: async (firstRow, rows) => {
          if (await this.isDecoded(number, before + firstRow, rows)) return;
          // what is wrong with the file is said by its own reader
          alone ??= await openOneFile(file, file[0].rows, await readingDatabase(file[0].name));
          await alone[i].prepare?.(firstRow, rows);
        },
        read: (firstRow, into) => {
          if (alone === null) this.table.read(vectors, before + firstRow, rowBytes, into);
          else alone[i].read(firstRow, into);
        },
        close: () => {
          alone?.[i].close();
          open -= 1;
          if (open === 0) this.release();
        },
      };
    });
  }

  /** One user less. */
  release(): void {
    this.users -= 1;
    if (this.users === 0) this.table.close();
  }

  /** Decodes rows of a file; not where something is wrong with any of the files. */
  private async isDecoded(number: number, firstRow: Row, rows: number): Promise<boolean> {
    if (this.hasFailed) return false;
    try {
      await this.table.prepare(firstRow, rows);
      const numbers = new Uint8Array(rows);
      this.table.read(this.numbers, firstRow, 1, numbers);
      this.hasFailed = numbers.some((found) => found !== number);
    } catch {
      this.hasFailed = true;
    }
    return !this.hasFailed;
  }
}

const isSame = (array: ParquetArray, other: ParquetArray): boolean =>
  array.path === other.path &&
  array.dtype === other.dtype &&
  array.nullAs === other.nullAs &&
  array.reading.columns.join('\n') === other.reading.columns.join('\n');
