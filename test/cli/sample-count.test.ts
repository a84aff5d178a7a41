import { expect, it } from 'vitest';
import { sampleCount } from '../../src/cli/sample-count.ts';

it.each([
  ['7', 7],
  ['1e9', 1_000_000_000],
  ['5_000_000', 5_000_000],
  ['10M', 10_000_000],
  ['1G', 1_000_000_000],
  ['1.1g', 1_100_000_000],
  ['2k', 2000],
  ['1.5', 1.5],
  ['ten', 'ten'],
  ['1__0', '1__0'],
  ['-5', '-5'],
  ['', ''],
  [undefined, undefined],
])('%j is %j', (text, count) => {
  expect(sampleCount(text)).toBe(count);
});
