import { describe, expect, it } from 'vitest';
import { memorySize } from '../../src/options/memory-size.ts';

const MIB = 1024 ** 2;

describe('memorySize', () => {
  it.each([
    [undefined, 256 * MIB],
    [8 * MIB, 8 * MIB],
    ['268435456', 256 * MIB],
    ['256MiB', 256 * MIB],
    ['512m', 512 * MIB],
    ['1.5G', 1536 * MIB],
    ['.5 gib', 512 * MIB],
    ['500MB', 500_000_000],
    ['3.5GiB', 3584 * MIB],
    [' 65536k ', 64 * MIB],
  ])('reads %j', (value, bytes) => {
    expect(memorySize(value)).toBe(bytes);
  });

  it.each([
    ['1k', '"1k"'],
    ['3.6G', '"3.6G"'],
    ['many', '"many"'],
    ['5 bananas', '"5 bananas"'],
    ['-1G', '"-1G"'],
    ['', 'an empty text'],
    [8 * MIB - 1, '8388607'],
    [9e6 + 0.5, '9000000.5'],
    [Number.NaN, 'NaN'],
    [null, 'nothing'],
    [true, 'true'],
  ])('refuses %j', (value, shown) => {
    expect(() => memorySize(value)).toThrow(
      `--memory: expected a size from 8MiB to 3.5GiB, such as 256MiB or 1.5G, found ${shown}`,
    );
  });
});
