import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
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
