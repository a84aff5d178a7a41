import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readingDatabase, rowsOf, sqlText, withConnection } from '../../../src/duckdb/database.ts';
import { findTable } from '../../../src/sources/text/query.ts';
import { hasPlainQuotes } from '../../../src/sources/text/quoting.ts';
import { folderOf } from '../npy-files.ts';

const numbers = Array.from({ length: 3000 }, (_, i) => `${i / 8 - 7},${i % 3}`).join('\n');

/** Files of three columns at most, each with what its table is. */
const files: Record<string, string> = {
  plain: `a,b\n${numbers}\n`,
  'no header': numbers,
  'a quoted header': `"a","b"\n${numbers}\n`,
  'all is quoted': 'a,b\n"1.5","0"\n"2.5","1"\n',
  'quoted delimiters': 'a;"b;c"\n1,5;"x;y"\n2,5;"z"\n',
  'quotes in quotes': 'a,b\n1,"say ""no"""\n2,"x"\n',
  'a late quote': `a,b\n${numbers}\n"4","1"\n`,
  'a late quoted delimiter': `a,b,c\n${numbers.replaceAll('\n', ',x\n')},x\n4,1,"x,y"\n`,
  'an inch': 'a,b\n1,5" nail\n2,6" nail\n',
  'an inch that begins': 'a,b\n1," nail\n2," nail\n',
  'single quotes': "a,b\n1,'x,y'\n2,'z'\n",
  'a backslash': 'a,b\n1,"x\\"y"\n2,"z"\n',
  'a folder': 'a,b\n1,C:\\x\n2,C:\\y\n',
  'a folder in quotes': 'a,b\n1,"C:\\x,z"\n2,"C:\\y"\n',
  'two backslashes': 'a,b\n1,"C:\\\\x"\n2,"C:\\\\y"\n',
  'apostrophes in quotes': `a,b\n1,"it's, isn't it"\n2,"l'été"\n`,
  'a backslash before a quote that ends': 'a,b\n1,"x\\"\n2,"y"\n',
  'single quotes around numbers': "a,b\n'1','2'\n'3','4'\n",
  'a single quote behind a space': "a,b\n1, 'x,y'\n2, 'z'\n",
  'a single quote that begins the file': "'a',b\n1,2\n3,4\n",
  'an apostrophe': "a,b\n1,it's\n2,its\n",
  tabs: 'a\tb\n1\t2\n3\t4\n',
  pipes: '"a"|"b"\n1|2\n3|4\n',
  'one column': 'a\n1\n2\n',
  'empty lines': 'a,b\n1,2\n\n3,4\n\n',
  'carriage returns': '"a","b"\r\n1,2\r\n3,4\r\n',
  'a comment': '# made by "x"\na,b\n1,2\n3,4\n',
  'a title': 'the table\n"a","b"\n1,2\n3,4\n',
  'days and nulls': 'a,b\n2026-01-02,\n2026-01-03,1\n',
  ragged: 'a,b\n1\n2,3,4\n',
};

test.each(Object.entries(files))('%s: the table is what it is found to be with every way to quote', async (_, text) => {
  const path = join(folderOf(), 'x.csv');
  writeFileSync(path, text);
  const database = await readingDatabase('x.csv');
  const rows = (from: string) =>
    withConnection(database, (connection) => rowsOf(database.bindings, connection, `SELECT * FROM ${from}`)).catch(
      (error) => String(error).split('\n')[0],
    );
  const found = await findTable(database, 'x.csv', path, 'csv').then(
    ({ from }) => rows(from),
    (error) => String(error),
  );
  const full = await rows(`read_csv(${sqlText(path)}, sample_size = -1)`);
  expect(found).toEqual(full);
  expect(typeof full).toBe('object');
});

test.each([
  ["x'", true],
  [",'", false],
  ['\\x', true],
  ['\\"', false],
  ['\\\\', false],
  ["é'", true],
])('%j is seen wherever it lies', (pair, plain) => {
  for (const at of [0, 5, 2 ** 20 - 2, 2 ** 20 - 1, 2 ** 20, 2 ** 21 - 1]) {
    const path = join(folderOf(), 'x.csv');
    writeFileSync(path, `${'a'.repeat(at)}${pair}b`);
    expect([at, hasPlainQuotes(path, 'x.csv')]).toEqual([at, plain]);
  }
});
