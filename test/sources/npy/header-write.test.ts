import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NPY_DTYPES } from '../../../src/sources/npy/descr.ts';
import { npyHeader, parseNpyHeader } from '../../../src/sources/npy/header.ts';

describe('npyHeader', () => {
  // np.save of NumPy 2.4.6
  test.each([
    ['float32', [3], `{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }`],
    ['float16', [73440, 3], `{'descr': '<f2', 'fortran_order': False, 'shape': (73440, 3), }`],
    ['uint8', [], `{'descr': '|u1', 'fortran_order': False, 'shape': (), }`],
    ['bool', [0], `{'descr': '|b1', 'fortran_order': False, 'shape': (0,), }`],
  ] as const)('%s %j', (dtype, shape, text) => {
    const expected = Buffer.from(`\x93NUMPY\x01\x00v\x00${text.padEnd(117)}\n`, 'latin1');
    expect(Buffer.from(npyHeader(shape, dtype)).toString('latin1')).toBe(expected.toString('latin1'));
  });

  test('what it writes is read back, aligned', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 5 }), fc.constantFrom(...NPY_DTYPES), (shape, dtype) => {
        const bytes = npyHeader(shape, dtype);
        expect(bytes.length % 64).toBe(0);
        expect(parseNpyHeader(bytes, 'x')).toEqual({ dtype, bigEndian: false, shape, dataOffset: bytes.length });
      }),
    );
  });

  test('version 2.0 where 1.0 is too short', () => {
    const shape = new Array<number>(21_900).fill(1);
    const bytes = npyHeader(shape, 'int64');
    expect([...bytes.subarray(6, 8)]).toEqual([2, 0]);
    expect(bytes.length % 64).toBe(0);
    expect(parseNpyHeader(bytes, 'x').shape).toEqual(shape);
  });
});
