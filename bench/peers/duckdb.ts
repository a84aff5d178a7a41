// DuckDB: SQL over a Parquet file of the same samples, or over a table in memory.
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Job } from './job.ts';
import { betaOf, NpyArray } from './npy-arrays.ts';
import { importOrSkip, serve } from './serve.ts';

type DuckDB = typeof import('@duckdb/node-api');

/** Region of a sample. `exp` of a FLOAT is a DOUBLE: the regions are exact but for the rounding of doubles. */
const regionSql = (bins: number): string => `least(floor(abs(1 / (1 + exp(-x)) - y) * ${bins}), ${bins - 1})::UTINYINT`;

async function connect({
  threads,
}: Job): Promise<{ duckdb: DuckDB; instance: DuckDBInstance; connection: DuckDBConnection }> {
  const duckdb = await importOrSkip<DuckDB>('@duckdb/node-api');
  const instance = await duckdb.DuckDBInstance.create(':memory:', { threads: String(threads) });
  return { duckdb, instance, connection: await instance.connect() };
}

async function countRegions(connection: DuckDBConnection, from: string, bins: number): Promise<number[]> {
  const sql = `SELECT ${regionSql(bins)} AS region, count(*) FROM ${from} GROUP BY region`;
  const counts = new Array<number>(bins).fill(0);
  for (const [region, samples] of await (await connection.runAndReadAll(sql)).getRows()) {
    counts[Number(region)] = Number(samples);
  }
  return counts;
}

const parquetOf = ({ parquet }: Job): string => `read_parquet('${parquet}')`;

await serve({
  /** Writes the Parquet file from the npy files, with DuckDB's own defaults. */
  async prepare(job) {
    const { duckdb, connection } = await connect(job);
    await connection.run('CREATE TABLE samples (x FLOAT, y UTINYINT)');
    const x = NpyArray.open(job.logits);
    const y = NpyArray.open(job.labels);
    const appender = await connection.createAppender('samples');
    const rows = 2048;
    const logits = new Float32Array(rows);
    const labels = new Uint8Array(rows);
    for (let i = 0; i < x.length; i += rows) {
      const part = x.read(logits, i);
      const targets = y.read(labels, i);
      const chunk = duckdb.DuckDBDataChunk.create([duckdb.FLOAT, duckdb.UTINYINT], part.length);
      const columns = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
      for (let row = 0; row < part.length; row++) {
        columns[0].setItem(row, part[row]);
        columns[1].setItem(row, targets[row]);
      }
      for (const column of columns) column.flush();
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection.run(`COPY samples TO '${job.parquet}' (FORMAT parquet)`);
  },

  async load(job) {
    const { duckdb, connection } = await connect(job);
    await connection.run(`CREATE TABLE samples AS SELECT * FROM ${parquetOf(job)}`);
    return {
      tool: `DuckDB ${duckdb.version()}`,
      async count() {
        const counts = await countRegions(connection, 'samples', job.bins);
        return () => counts;
      },
    };
  },

  async run(job) {
    const { connection } = await connect(job);
    const counts = await countRegions(connection, parquetOf(job), job.bins);
    const beta = betaOf(counts).map((weight) => `${weight}::FLOAT`);
    const weights = `SELECT ([${beta}])[${regionSql(job.bins)} + 1] AS beta FROM ${parquetOf(job)}`;
    await connection.run(`COPY (${weights}) TO '${join(job.out, 'duckdb.parquet')}' (FORMAT parquet)`);
    return counts;
  },
});
