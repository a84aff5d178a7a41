import { expect, it } from 'vitest';
import { plainJsonLine } from '../../src/report/terminal/printable.ts';

const list = Array.from({ length: 2500 }, (_, i) => ({ i, name: i % 7 === 0 ? undefined : `\u2028 ${i}` }));

it.each<[string, object]>([
  ['short fields', { a: 1, b: 'x', c: null, d: [1, 2], e: { f: [] } }],
  ['nothing', {}],
  ['fields that JSON does not have', { a: undefined, b: () => 1, c: 1, d: undefined }],
  ['only such', { a: undefined }],
  ['a long list', { list }],
  ['long lists between others', { a: undefined, list, b: 'c', more: list.slice(0, 1001), d: undefined }],
  [
    'lists of what JSON does not have',
    { list: new Array(1500).fill(Number.NaN), more: new Array(3000).fill(undefined) },
  ],
  ['a list of as much as becomes text at once', { list: list.slice(0, 2000), last: true }],
  ['keys that are to be escaped', { 'a"b\\': list, '\n': 1, ['__proto__']: 2 }],
])('%s: the pieces are the line', (_, data) => {
  const pieces = [...plainJsonLine(data)];
  expect(pieces.join('').replaceAll('\\u2028', '\u2028')).toBe(`${JSON.stringify(data)}\n`);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(100_000);
});

it('holds no character that a terminal obeys', () => {
  const line = [...plainJsonLine({ '\u009b': list, x: '\u001b[2J\u202e' })].join('');
  expect(line).not.toMatch(/[\p{Cc}\u2028\u202e](?!$)/u);
  expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ '\u009b': list, x: '\u001b[2J\u202e' })));
});
