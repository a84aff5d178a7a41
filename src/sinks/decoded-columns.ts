import type duckdb from '@duckdb/node-bindings';
import type { Data, DataType, Field } from 'apache-arrow';
import {
  type Bindings,
  type Database,
  flatRowsOf,
  openDatabase,
  presence,
  sqlName,
  streamOf,
  textsOf,
  withConnection,
} from '../duckdb/database.ts';
import { usageError } from '../errors.ts';
import { numberedRows } from './numbered-rows.ts';
import type { KeptColumns } from './weight-rows.ts';

type Arrow = typeof import('apache-arrow');

/** Columns of some rows of a file, as Arrow has them. */
export interface ColumnsBatch {
  readonly fields: Field[];
  readonly data: Data[];
  readonly length: number;
}

/** How values of a type of SQL become those of Arrow. */
interface Conversion {
  readonly type: DataType;
  /** Bytes of a value in DuckDB's vectors, which are those of Arrow; `null` for text. */
  readonly bytes: 1 | 2 | 4 | 8 | null;
}

/** The Arrow type of a type of SQL; `undefined` where there is none that holds it as it is. */
function conversionOf(arrow: Arrow, sqlType: string): Conversion | undefined {
  const types: Readonly<Record<string, Conversion>> = {
    BOOLEAN: { type: new arrow.Bool(), bytes: 1 },
    TINYINT: { type: new arrow.Int8(), bytes: 1 },
    UTINYINT: { type: new arrow.Uint8(), bytes: 1 },
    SMALLINT: { type: new arrow.Int16(), bytes: 2 },
    USMALLINT: { type: new arrow.Uint16(), bytes: 2 },
    INTEGER: { type: new arrow.Int32(), bytes: 4 },
    UINTEGER: { type: new arrow.Uint32(), bytes: 4 },
    BIGINT: { type: new arrow.Int64(), bytes: 8 },
    UBIGINT: { type: new arrow.Uint64(), bytes: 8 },
    FLOAT: { type: new arrow.Float32(), bytes: 4 },
    DOUBLE: { type: new arrow.Float64(), bytes: 8 },
    DATE: { type: new arrow.DateDay(), bytes: 4 },
    TIMESTAMP: { type: new arrow.TimestampMicrosecond(), bytes: 8 },
    VARCHAR: { type: new arrow.Utf8(), bytes: null },
  };
  return Object.hasOwn(types, sqlType) ? types[sqlType] : undefined;
}

/**
 * Columns of a file that DuckDB reads, batch by batch, in the order of its rows; one batch without rows where it has none.
 *
 * @throws usageError for a column of a type that Arrow does not have
 */
export async function* decodedColumns(
  arrow: Arrow,
  kept: KeptColumns,
  batchRows: number,
): AsyncGenerator<ColumnsBatch> {
  const database = await openDatabase('--keep');
  const { bindings } = database;
  const connection = await bindings.connect(database.database);
  try {
    const select = await selectOf(database, kept);
    const conversions = await conversionsOf(arrow, database, kept.columns, select);
    const fields = kept.columns.map((name, i) => new arrow.Field(name, conversions[i].type, true));
    const result = await streamOf(bindings, connection, select);
    let batch: Batch | undefined;
    let rows = 0;
    for (;;) {
      const chunk = await bindings.fetch_chunk(result);
      const length = chunk === null ? 0 : bindings.data_chunk_get_size(chunk);
      if (chunk === null || length === 0) break;
      batch ??= new Batch(arrow, bindings, conversions);
      batch.add(chunk, length);
      rows += length;
      if (batch.length < batchRows) continue;
      yield { fields, ...batch.finish() };
      batch = undefined;
    }
    if (batch !== undefined || rows === 0) {
      yield { fields, ...(batch ?? new Batch(arrow, bindings, conversions)).finish() };
    }
  } finally {
    bindings.disconnect_sync(connection);
    bindings.close_sync(database.database);
  }
}

/** Sees that each of the columns is of a type that Arrow has. @throws usageError naming the first that is not */
export async function checkDecodable(kept: KeptColumns): Promise<void> {
  const arrow = await import('apache-arrow');
  const database = await openDatabase('--keep');
  try {
    await conversionsOf(arrow, database, kept.columns, await selectOf(database, kept));
  } finally {
    database.bindings.close_sync(database.database);
  }
}

async function selectOf(database: Database, kept: KeptColumns): Promise<string> {
  const { from } = await numberedRows(database, kept);
  return `SELECT ${kept.columns.map(sqlName).join(', ')} FROM ${from}`;
}

async function conversionsOf(
  arrow: Arrow,
  database: Database,
  columns: readonly string[],
  select: string,
): Promise<Conversion[]> {
  const described = await withConnection(database, (connection) =>
    flatRowsOf(database.bindings, connection, `SELECT column_type FROM (DESCRIBE ${select})`),
  );
  return described.map(({ column_type: type }, i) => {
    const conversion = conversionOf(arrow, String(type));
    if (conversion !== undefined) return conversion;
    throw usageError(
      `--keep ${columns[i]}: is of type ${String(type).slice(0, 60)}, which --format arrow does not carry; --format parquet does`,
    );
  });
}

/** Rows that are put together. */
class Batch {
  length = 0;
  private readonly arrow: Arrow;
  private readonly bindings: Bindings;
  private readonly columns: readonly {
    readonly conversion: Conversion;
    readonly values: Uint8Array[];
    readonly texts: (string | null)[];
    readonly valid: boolean[];
  }[];

  constructor(arrow: Arrow, bindings: Bindings, conversions: readonly Conversion[]) {
    this.arrow = arrow;
    this.bindings = bindings;
    this.columns = conversions.map((conversion) => ({ conversion, values: [], texts: [], valid: [] }));
  }

  add(chunk: duckdb.DataChunk, length: number): void {
    const { bindings } = this;
    for (const [i, { conversion, values, texts, valid }] of this.columns.entries()) {
      const vector = bindings.data_chunk_get_vector(chunk, i);
      const isValid = presence(bindings, vector, length);
      for (let row = 0; row < length; row++) valid.push(isValid(row));
      if (conversion.bytes === null) {
        for (const text of textsOf(bindings, vector, length)) texts.push(text);
      } else {
        // the vector is gone with its chunk
        values.push(bindings.vector_get_data(vector, length * conversion.bytes).slice());
      }
    }
    this.length += length;
  }

  finish(): { readonly data: Data[]; readonly length: number } {
    const { arrow, length } = this;
    const data = this.columns.map(({ conversion: { type, bytes }, values, texts, valid }): Data => {
      if (bytes === null) {
        return arrow.vectorFromArray(texts, type).data[0];
      }
      const nullCount = valid.reduce((count, one) => count + Number(!one), 0);
      const joined = Buffer.concat(values);
      const own = joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.length);
      const stored =
        type instanceof arrow.Bool ? bitsOf([...joined].map((byte) => byte === 1)) : new type.ArrayType(own);
      return new arrow.Data(type, 0, length, nullCount, [undefined, stored, bitsOf(valid)]);
    });
    return { data, length };
  }
}

/** A bit a value, the first one lowest. */
function bitsOf(values: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) if (value) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}
