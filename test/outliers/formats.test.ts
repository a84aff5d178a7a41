import { expect, it } from 'vitest';
import { csvLines, jsonLines } from '../../src/outliers/formats.ts';

const table = (...files: string[]) => ({
  columns: ['file', 'g'],
  rows: files.map((file) => ({ file, g: 0.5 })),
});

it('CSV quotes commas and quotes', () => {
  expect(csvLines(table('a.npy', 'a,b.npy', 'say "x".npy'))).toEqual([
    'file,g',
    'a.npy,0.5',
    '"a,b.npy",0.5',
    '"say ""x"".npy",0.5',
  ]);
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://x","y")'])('CSV disarms the formula %s', (formula) => {
  const [, line] = csvLines(table(formula));
  expect(line?.replace(/^"/, '').startsWith("'")).toBe(true);
});

it('CSV has no control characters: no line breaks, no escape codes, of one byte neither; numbers may be negative', () => {
  expect(csvLines(table('a\x1b[31m\n=b\r\x9b2J\u202e.npy'))).toEqual(['file,g', 'a[31m=b2J.npy,0.5']);
  expect(csvLines(table('\t=b'))).toEqual(['file,g', "'=b,0.5"]);
  expect(csvLines({ columns: ['logit'], rows: [{ logit: -3 }, { logit: -Infinity }] })).toEqual([
    'logit',
    '-3',
    '-Infinity',
  ]);
});

it('JSON Lines escape control characters, and keep what they are', () => {
  const name = 'a\x1b[31m\x9b2J\u202e\u2028.npy';
  const [line = ''] = jsonLines(table(name));
  expect(line).toBe('{"file":"a\\u001b[31m\\u009b2J\\u202e\\u2028.npy","g":0.5}');
  expect(JSON.parse(line)).toEqual({ file: name, g: 0.5 });
  expect(jsonLines({ columns: ['logit'], rows: [{ logit: Infinity }] })).toEqual(['{"logit":null}']);
});
