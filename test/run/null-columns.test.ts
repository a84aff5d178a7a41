import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { histogram, outliers, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';

const asked = [{ group: 'level' }, { batch: 'column:level', batchSize: 1, momentum: 0 }];

describe.each(asked)('a null in a column for %o belongs nowhere', (options) => {
  it('in CSV', async () => {
    const folder = folderOf({});
    const file = join(folder, 't.csv');
    writeFileSync(file, 'logits,labels,level\n0.5,0,1\n-1.5,1,\n2.5,0,2\n');
    await expect(reweight({ ...options, files: file, out: join(folder, 'out') })).rejects.toMatchObject({
      exitCode: 3,
      message: `${file}[level]: expected an integer in every row, found a null; fill the nulls first`,
    });
  });

  it('in Parquet, and a column that only may have nulls is read', async () => {
    const folder = folderOf({});
    const connection = await (await DuckDBInstance.create()).connect();
    for (const [name, level] of [
      ['t', 'NULL'],
      ['whole', '1'],
    ]) {
      const rows = `SELECT * FROM (VALUES (0.5::FLOAT, 0, 1), (-1.5::FLOAT, 1, ${level}), (2.5::FLOAT, 0, 2)) t(logits, labels, level)`;
      await connection.run(`COPY (${rows}) TO '${join(folder, name)}.parquet' (FORMAT parquet)`);
    }
    const file = join(folder, 't.parquet');
    await expect(reweight({ ...options, files: file, out: join(folder, 'out') })).rejects.toMatchObject({
      exitCode: 3,
      message: `${file}[level]: expected an integer in every row, found a null; fill the nulls first`,
    });
    const { density } = await reweight({ ...options, files: join(folder, 'whole.parquet'), out: join(folder, 'out') });
    expect(density.total).toBe(3);
  });
});

describe('a null in a column that outliers show or go by', () => {
  async function files() {
    const folder = folderOf({ 't.csv': 'logits,labels,level,score\n0.5,0,1,2.5\n-1.5,1,,\n2.5,0,2,-0.5\n' });
    const [csv, parquet, density] = ['t.csv', 't.parquet', 't.ghm'].map((name) => join(folder, name));
    const connection = await (await DuckDBInstance.create()).connect();
    const types = '{logits: FLOAT, labels: INTEGER, level: INTEGER, score: DOUBLE}';
    await connection.run(
      `COPY (SELECT * FROM read_csv('${csv}', columns = ${types.replaceAll(/(\w+)(,|})/g, "'$1'$2")})) TO '${parquet}'`,
    );
    await histogram({ files: csv, out: density });
    return { csv, parquet, density };
  }

  it('is NaN among numbers that may be', async () => {
    const { csv, parquet } = await files();
    for (const file of [csv, parquet]) {
      const { rows } = await outliers({ files: file, keep: ['score'] });
      expect(rows.map(({ row, score }) => [row, score])).toEqual([
        [2, -0.5],
        [1, Number.NaN],
        [0, 2.5],
      ]);
    }
  });

  it('is refused among integers, which have none that could stand for it', async () => {
    const { csv, parquet, density } = await files();
    for (const file of [csv, parquet]) {
      for (const asked of [{ keep: ['level'] }, { per: 'level' }, { by: 'level', density }]) {
        await expect(outliers({ files: file, ...asked })).rejects.toMatchObject({
          exitCode: 3,
          message: `${file}[level]: expected an integer in every row, found a null; fill the nulls first`,
        });
      }
    }
  });
});
