import { describe, expect, test } from 'vitest';
import { inputError } from '../../../src/errors.ts';
import { checkNpySize, parseNpyHeader } from '../../../src/sources/npy/header.ts';
import { headerText, npyOf } from '../npy-files.ts';

const parse = (text: string, version = 1) => parseNpyHeader(npyOf(text, 0, version), 'x.npy');

describe('parseNpyHeader', () => {
  test.each([
    ['|b1', 'bool'],
    ['|i1', 'int8'],
    ['|u1', 'uint8'],
    ['<i2', 'int16'],
    ['<u2', 'uint16'],
    ['<i4', 'int32'],
    ['<u4', 'uint32'],
    ['<i8', 'int64'],
    ['<u8', 'uint64'],
    ['<f2', 'float16'],
    ['<f4', 'float32'],
    ['<f8', 'float64'],
    ['=f4', 'float32'],
    ['|f4', 'float32'],
    ['f4', 'float32'],
    ['>i1', 'int8'],
  ])('reads %s as little-endian %s', (descr, dtype) => {
    expect(parse(headerText(descr))).toMatchObject({ dtype, bigEndian: false, shape: [2, 3] });
  });

  test.each(['>i2', '>u4', '>i8', '>f2', '>f4', '>f8'])('reads %s as big-endian', (descr) => {
    expect(parse(headerText(descr)).bigEndian).toBe(true);
  });

  test.each([1, 2, 3])('reads version %d.0', (version) => {
    const text = headerText('<f4');
    expect(parse(text, version)).toEqual({
      dtype: 'float32',
      bigEndian: false,
      shape: [2, 3],
      dataOffset: (version === 1 ? 10 : 12) + text.length,
    });
  });

  test.each([
    [`{"shape":(2L,3L,),'fortran_order':False,"descr":"<f4"}`, [2, 3]],
    [` \t{ 'shape' : ( 7 , ) , 'descr' : '<f4' , 'fortran_order' : False }  \n`, [7]],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (), }`, []],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5)}`, [0, 5]],
    [`{'descr': ('<f4'), 'fortran_order': (False), 'shape': (1, 2, 3)}`, [1, 2, 3]],
  ])('tolerates what Python tolerates: %s', (text, shape) => {
    expect(parse(text)).toMatchObject({ dtype: 'float32', shape });
  });

  test.each([['(6,)'], ['(6, 1)'], ['(1, 6, 1)'], ['()'], ['(0, 5)'], ['(5, 0, 5)']])(
    'Fortran order of %s is C order',
    (shape) => {
      expect(parse(headerText('<f4', shape, 'True')).dtype).toBe('float32');
    },
  );

  test('Fortran order of two long axes', () => {
    expect(() => parse(headerText('<f4', '(2, 3)', 'True'))).toThrow(
      inputError(
        'x.npy: the array [2, 3] is in Fortran order (column after column); expected C order. ' +
          'Save it again with np.save(path, np.ascontiguousarray(array))',
      ),
    );
  });

  test('objects are pickles', () => {
    expect(() => parse(headerText('|O'))).toThrow(
      inputError(
        "x.npy: holds Python objects (dtype '|O'). Those are pickles, which are never read; " +
          'save a numeric array, for example np.save(path, np.asarray(rows, dtype=np.float32))',
      ),
    );
  });

  const supported =
    'x.npy: unsupported dtype: expected one of bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, ' +
    'float32, float64; found ';
  test.each(['<c8', '<c16', '<U10', '|S5', '<M8[ns]', '<m8', '<f16', '|V2', '|V8', '<i3', '<f1', '<b2', '<', ''])(
    'dtype %j is unsupported',
    (descr) => {
      expect(() => parse(headerText(descr))).toThrow(inputError(`${supported}dtype '${descr}'. Convert it first`));
    },
  );
  test('a structured dtype is unsupported', () => {
    const text = `{'descr': [('a', '<f4'), ('b', '<i4', (2,))], 'fortran_order': False, 'shape': (3,), }`;
    expect(() => parse(text)).toThrow(inputError(`${supported}a structured dtype. Convert it first`));
  });

  test.each([
    ["{'descr': '<f4'", "at byte 25: expected ',' or '}', found the end of the header"],
    ["{'descr' '<f4'}", `at byte 19: expected ':', found "'"`],
    ["{descr: '<f4'}", 'at byte 11: expected a quoted key, found "d"'],
    [
      "{'descr': '<f4}",
      "at byte 20: expected a closing ' for the string that starts here, found the end of the header",
    ],
    ["{'descr': '<f4', 'descr': '<f4'}", "at byte 27: expected each key once, found 'descr' again"],
    ["{'descr': __import__('os')}", 'at byte 20: expected a value, found "_"'],
    ["{'descr': Trueish}", 'at byte 20: expected a value, found "T"'],
    ["{'shape': (-1,)}", 'at byte 21: expected a value, found "-"'],
    ["{'shape': (3 4)}", `at byte 23: expected ',' or ')', found "4"`],
    ["{'shape': (3,,)}", 'at byte 23: expected a value, found ","'],
    ["{'shape': (03,)}", 'at byte 21: expected an integer without leading zeros, found 03'],
    ["{'shape': (99999999999999999999,)}", 'at byte 21: expected an integer below 2^53, found 99999999999999999999'],
    ["{'a' 'b': 1}", `at byte 15: expected ':', found "'"`],
    ['{} 1', 'at byte 13: expected the end of the header, found "1"'],
    [`${'('.repeat(30)}`, 'at byte 27: expected at most 16 nested brackets, found "("'],
    ['', 'at byte 10: expected a value, found the end of the header'],
  ])('the literal %j', (text, problem) => {
    expect(() => parse(text)).toThrow(inputError(`x.npy: bad .npy header ${problem}`));
  });

  test('the byte of a problem counts UTF-8', () => {
    expect(() => parse("{'é€': ?}", 3)).toThrow(
      inputError('x.npy: bad .npy header at byte 22: expected a value, found "?"'),
    );
  });

  test.each([
    ['(1, 2)', "expected a dict of 'descr', 'fortran_order' and 'shape', found a tuple"],
    ["{'descr': '<f4', 'shape': (3,)}", "expected a key 'fortran_order', found none"],
    [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}",
      "expected only the keys 'descr', 'fortran_order' and 'shape', found 'x'",
    ],
    [headerText('<f4', '(3)'), "expected 'shape' to be a tuple of integers, found an integer"],
    [headerText('<f4', '[3, 4]'), "expected 'shape' to be a tuple of integers, found a list"],
    [headerText('<f4', "('3',)"), "expected 'shape' to be a tuple of integers, found a string in it"],
    [headerText('<f4', '(3,)', 'None'), "expected 'fortran_order' to be True or False, found None"],
    [headerText('<f4', '(3,)', '0'), "expected 'fortran_order' to be True or False, found an integer"],
    [
      headerText('<f4', '(9007199254740991,)'),
      'expected less than 2^53 bytes of data, found float32 [9007199254740991]',
    ],
    [
      headerText('<f4', `(${'99999999, '.repeat(50)})`),
      `expected less than 2^53 bytes of data, found float32 [${'99999999, '.repeat(8)}..]`,
    ],
  ])('the dict %j', (text, problem) => {
    expect(() => parse(text.trim())).toThrow(inputError(`x.npy: bad .npy header: ${problem}`));
  });

  test('version 3.0 has to be UTF-8', () => {
    const bytes = npyOf(headerText('<f4'), 0, 3);
    bytes[20] = 0xff;
    expect(() => parseNpyHeader(bytes, 'x.npy')).toThrow(
      inputError('x.npy: bad .npy header: expected UTF-8 text (version 3.0), found bytes that are not'),
    );
  });

  test.each([
    [0, 0],
    [1, 1],
    [4, 0],
  ])('version %d.%d is unsupported', (major, minor) => {
    const bytes = npyOf(headerText('<f4'));
    bytes.set([major, minor], 6);
    expect(() => parseNpyHeader(bytes, 'x.npy')).toThrow(
      inputError(`x.npy: unsupported .npy version at byte 6: expected 1.0, 2.0 or 3.0, found ${major}.${minor}`),
    );
  });

  test('a header above 1 MiB is refused by its length alone', () => {
    const bytes = Buffer.concat([npyOf('', 0, 2).subarray(0, 8), Buffer.of(1, 0, 0x10, 0)]);
    expect(() => parseNpyHeader(bytes, 'x.npy')).toThrow(
      inputError('x.npy: bad .npy header at byte 8: expected a header of at most 1048576 bytes, found 1048577'),
    );
    bytes.set([0, 0, 0x10, 0], 8);
    expect(() => parseNpyHeader(bytes, 'x.npy')).toThrow(
      inputError(
        'x.npy: truncated .npy header: expected at least 1048588 bytes, found 12. Was it copied or written to the end?',
      ),
    );
  });

  test.each([1, 2, 3])('cut off at every byte, version %d.0', (version) => {
    const bytes = npyOf(headerText('<f4'), 0, version);
    const start = version === 1 ? 10 : 12;
    for (let length = 0; length < bytes.length; length++) {
      const expected = length < 8 ? 12 : length < start ? start : bytes.length;
      expect(() => parseNpyHeader(bytes.subarray(0, length), 'x.npy')).toThrow(
        inputError(
          `x.npy: truncated .npy header: expected at least ${expected} bytes, found ${length}. ` +
            'Was it copied or written to the end?',
        ),
      );
    }
  });
});

describe('checkNpySize', () => {
  const header = parse(headerText('<f4'));
  const data = header.dataOffset + 24;
  test('the exact size is right', () => checkNpySize(header, data, 'x.npy'));
  test('an array without elements has no data', () => {
    const empty = parse(headerText('<f8', '(0, 9007199254740991)'));
    checkNpySize(empty, empty.dataOffset, 'x.npy');
  });
  test('too short and too long', () => {
    const said = `expected ${data} bytes (float32 [2, 3] after ${header.dataOffset} bytes of header), found`;
    expect(() => checkNpySize(header, data - 1, 'x.npy')).toThrow(
      inputError(`x.npy: truncated: ${said} ${data - 1}. Was it copied or written to the end?`),
    );
    expect(() => checkNpySize(header, data + 1, 'x.npy')).toThrow(
      inputError(`x.npy: longer than its header says: ${said} ${data + 1}. Save the array again`),
    );
  });
});
