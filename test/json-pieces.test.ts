import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonPieces } from '../src/json-pieces.ts';

const list = Array.from({ length: 2500 }, (_, i) => ({ i, text: `a\n${i}`, none: undefined, deep: [[], {}, [i]] }));

it.each<[string, object]>([
  ['nothing', {}],
  ['fields that JSON does not have', { a: undefined, b: () => 1, c: undefined }],
  ['short fields', { a: 1, b: 'x\ny', c: null, d: [1, 2], e: { f: [], g: {} }, h: undefined }],
  ['a long list', { list }],
  ['long lists between others', { a: 1, list, b: list.slice(0, 1000), more: list.slice(0, 1001), c: [] }],
  ['long lists of what JSON does not have', { list: new Array(3000).fill(undefined), more: new Array(1500).fill(NaN) }],
  ['an array', [1, 2]],
])('the pieces of %s are its text', (_, data) => {
  const object = Array.isArray(data) ? { ...data } : data;
  for (const indent of [0, 1, 2]) {
    const pieces = [...jsonPieces(object, indent)];
    expect(pieces.join('')).toBe(JSON.stringify(object, null, indent));
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(400_000);
  }
});

it('the pieces of any object are its text', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, 4), (object, indent) => {
      expect([...jsonPieces(object, indent)].join('')).toBe(JSON.stringify(object, null, indent));
    }),
  );
});
