import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GhmError } from '../../../src/errors.ts';
import { parseNpyHeader } from '../../../src/sources/npy/header.ts';
import { DTYPES } from '../../../src/sources/source.ts';
import { headerText, npyOf } from '../npy-files.ts';

describe('fuzzed headers', () => {
  const settle = (bytes: Uint8Array): void => {
    try {
      const { dtype, shape } = parseNpyHeader(bytes, 'x.npy');
      expect(DTYPES).toContain(dtype);
      expect(shape.every((length) => Number.isSafeInteger(length) && length >= 0)).toBe(true);
    } catch (error) {
      if (!(error instanceof GhmError)) throw error;
      expect(error.exitCode).toBe(3);
    }
  };
  const valid = Buffer.from(npyOf(headerText('<f4'), 0, 1));

  test('random bytes', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), settle)));
  test('random text in a valid frame', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(1, 2, 3), (text, version) =>
        settle(npyOf(text, 0, version)),
      ),
      { numRuns: 1000 },
    );
  });
  test('tokens in any order', () => {
    const token = fc.constantFrom(
      ..."{ } [ ] ( ) , : ' \" \\ 0 3L True False None 'descr' 'shape' 'fortran_order' '<f4'".split(' '),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (list) => settle(npyOf(list.join('')))),
      { numRuns: 2000 },
    );
  });
  test('one byte changed', () => {
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(valid);
        bytes[at] = byte;
        settle(bytes);
      }),
      { numRuns: 5000 },
    );
  });
  test.each(['(', '[', '{', "'", '\\', '9', ' ', '(1,', "{'a':", "'\\"])('a MiB of %j ends soon', (piece) => {
    const text = piece.repeat(Math.floor((1 << 20) / piece.length));
    const start = performance.now();
    expect(() => parseNpyHeader(npyOf(text, 0, 2), 'x.npy')).toThrow(GhmError);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
