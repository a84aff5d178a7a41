import { readingDatabase, sqlName } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import { columnsOf } from '../array-keys.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { LONGEST_LIST } from '../longest-list.ts';
import type { BlockArray, Row } from '../source.ts';
import { type ParquetColumn, type ParquetMetadata, parquetMetadata, tableRows } from './metadata.ts';
import { fromParquet, NUMBER_TYPES, type NumberType, type ParquetReading } from './reading.ts';
import { metadataOfSeveral } from './several.ts';

/** A Parquet file that need not be open. */
export type ParquetFile = Pick<InputHandle, 'path' | 'name' | 'stats'>;

/**
 * Opens a Parquet file: columns of numbers, or of lists of equally many numbers. Reads the footer, and of a column of lists the
 * first value.
 *
 * @throws inputError where the footer is damaged
 */
export async function openParquet(file: ParquetFile): Promise<Container> {
  const database = await readingDatabase(file.name);
  return parquetContainer(file, await parquetMetadata(database, file.path, file.name));
}

/** Several files, with as many questions as one. `null` where one of them cannot be read. */
export async function openSeveralParquet(files: readonly ParquetFile[]): Promise<Container[] | null> {
  const database = await readingDatabase(files[0].name);
  const found = await metadataOfSeveral(database, files);
  return found && files.map((file, i) => parquetContainer(file, found[i]));
}

function parquetContainer(file: ParquetFile, metadata: ParquetMetadata): Container {
  const { path, name, stats } = file;
  const { rows, blocks, columns } = metadata;

  const open = async (key: string): Promise<BlockArray> => {
    const own = arrayName(name, key);
    const chosen = columnsOf(columns, key);
    const [first] = chosen;
    checkValues(chosen, rows, own);
    const lists = chosen.some(({ type }) => type.endsWith(']'));
    const reading = lists ? await listReading(path, chosen, own) : numberReading(chosen, own);
    const width = reading.listLength ?? chosen.length;
    return {
      kind: 'blocks',
      format: 'parquet',
      path,
      name: own,
      dtype: NUMBER_TYPES[reading.type],
      bigEndian: false,
      shape: lists || key !== first.name ? [rows, width] : [rows],
      rows,
      columns: width,
      storedBytes: chosen.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      identity: identityFromStats(stats),
      blocks,
      nulls: reading.nulls,
      nullAs: 'mark',
      reading,
    };
  };
  return { path, name, format: 'parquet', layout: 'columns', keys: columns.map((column) => column.name), open };
}

/** Of lists without values DuckDB would make some, of memory that nobody has written. */
function checkValues(columns: readonly ParquetColumn[], rows: Row, name: string): void {
  for (const { values } of columns) {
    if (values >= rows) continue;
    throw inputError(`${name}: damaged: the footer says ${values} values, for ${rows} rows`);
  }
}

const isNumberType = (type: string): type is NumberType => Object.hasOwn(NUMBER_TYPES, type);

function numberReading(columns: readonly ParquetColumn[], name: string): ParquetReading {
  const types = columns.map(({ type }) => numberType(type, name));
  const nulls = columns.some((column) => column.nulls);
  const [first] = types;
  const alike = types.every((type) => type === first);
  if (!alike && types.some((type) => type !== 'FLOAT' && type !== 'DOUBLE')) {
    throw inputError(`${name}: its columns are of different types (${[...new Set(types)].join(', ')}); expected one`);
  }
  const type = alike ? (nulls ? typeBesideNull(first) : first) : 'DOUBLE';
  return { kind: 'parquet', columns: columns.map((column) => column.name), type, listLength: null, nulls };
}

function numberType(type: string, name: string): NumberType {
  if (isNumberType(type)) return type;
  throw inputError(
    `${name}: unsupported type: expected a column of numbers (integer, boolean, float, double or float16) or of lists of ` +
      `them, found ${type.slice(0, 60)}`,
  );
}

/** A type that holds any integer and the ignore label, which nulls of labels are read as. */
function typeBesideNull(type: NumberType): NumberType {
  if (type === 'FLOAT' || type === 'DOUBLE') return type;
  return ['UINTEGER', 'BIGINT', 'UBIGINT'].includes(type) ? 'BIGINT' : 'INTEGER';
}

async function listReading(path: string, columns: readonly ParquetColumn[], name: string): Promise<ParquetReading> {
  const [column, second] = columns;
  if (second !== undefined) {
    throw inputError(
      `${name}: holds lists in ${columns.length} columns, such as ${column.name}; expected one such column`,
    );
  }
  const type = numberType(column.type.replace(/\[\d*\]$/, ''), name);
  const first = `SELECT len(${sqlName(column.name)})::DOUBLE AS length FROM ${fromParquet(path)}`;
  const [found] = await tableRows(await readingDatabase(name), name, `${first} WHERE length IS NOT NULL LIMIT 1`);
  const listLength = Number(found?.length ?? 1);
  if (!(listLength >= 0 && listLength <= LONGEST_LIST)) {
    throw inputError(`${name}: its lists are of ${listLength} numbers; expected up to ${LONGEST_LIST}`);
  }
  return {
    kind: 'parquet',
    columns: [column.name],
    type: typeBesideNull(type),
    listLength,
    nulls: true,
  };
}
