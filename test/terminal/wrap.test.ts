import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrapped } from '../../src/report/terminal/wrap.ts';

it('cuts between words, and indents what goes on', () => {
  expect(wrapped('wrote 3 files, 4.04 MB, to weights', 20)).toEqual(['wrote 3 files, 4.04', '  MB, to weights']);
  expect(wrapped('short enough', 12)).toEqual(['short enough']);
  expect(wrapped('', 12)).toEqual(['']);
  expect(wrapped('to /a/very/long/path/of/a/file now', 12)).toEqual(['to', '  /a/very/long/path/of/a/file', '  now']);
});

it('loses no word, and is within the width where words are', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.integer({ min: 12, max: 40 }), (list, width) => {
      const lines = wrapped(list.join(' '), width);
      expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(list);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }),
  );
});
