import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputError } from '../../../src/errors.ts';
import { npyHeader } from '../../../src/sources/npy/header.ts';
import { openNpy } from '../../../src/sources/npy/open.ts';
import { folderOf, headerText, npyOf, zeros } from '../npy-files.ts';

const openOf = (content: Uint8Array | string) => openNpy(join(folderOf({ 'x.npy': content }), 'x.npy'), 'x.npy');
const bccd = new URL('../../../examples/bccd/', import.meta.url).pathname;

describe('openNpy', () => {
  test('reads the files that ship with the package', () => {
    expect(openNpy(`${bccd}logits.npy`, 'logits.npy')).toMatchObject({
      format: 'npy',
      path: `${bccd}logits.npy`,
      name: 'logits.npy',
      dtype: 'float16',
      bigEndian: false,
      dataOffset: 128,
      shape: [73440, 3],
      rows: 73440,
      columns: 3,
      identity: { size: 440768 },
    });
    expect(openNpy(`${bccd}labels.npy`, 'labels.npy')).toMatchObject({ dtype: 'int8', shape: [73440], columns: 1 });
    expect(openNpy(`${bccd}image_id.npy`, 'image_id.npy')).toMatchObject({ dtype: 'uint16', rows: 73440 });
  });

  test('big-endian, version 2.0, data at an odd offset', () => {
    const text = headerText('>f8', '(2, 1)');
    expect(openOf(npyOf(text, 16, 2))).toMatchObject({
      dtype: 'float64',
      bigEndian: true,
      dataOffset: 12 + text.length,
      rows: 2,
      columns: 1,
    });
  });

  test.each([
    [[], 1, 1],
    [[0], 0, 1],
    [[4, 0], 4, 0],
    [[2, 3, 4], 2, 12],
  ])('shape %j', (shape, rows, columns) => {
    expect(openOf(zeros('uint8', ...shape))).toMatchObject({ shape, rows, columns });
  });

  test('a missing file, a folder, an empty file, a pipe or device, a loop of links', () => {
    const folder = folderOf({ 'empty.npy': '' });
    symlinkSync('loop.npy', join(folder, 'loop.npy'));
    expect(() => openNpy(join(folder, 'no.npy'), 'no.npy')).toThrow(inputError('no.npy: no such file'));
    expect(() => openNpy(join(folder, 'empty.npy/x.npy'), 'x.npy')).toThrow(inputError('x.npy: no such file'));
    expect(() => openNpy(folder, 'data/')).toThrow(
      inputError('data/: is a folder; expected a file. Give its files, such as data/*.npy'),
    );
    expect(() => openNpy(join(folder, 'empty.npy'), 'empty.npy')).toThrow(
      inputError('empty.npy: is empty (0 bytes); expected an .npy file'),
    );
    expect(() => openNpy('/dev/null', '/dev/null')).toThrow(
      inputError('/dev/null: is a pipe or device; expected a file on disk, because the input is read more than once'),
    );
    expect(() => openNpy(join(folder, 'loop.npy'), 'loop.npy')).toThrow(inputError('loop.npy: cannot be read (ELOOP)'));
  });

  const toNpy = 'not supported yet; save each of its arrays with np.save';
  test.each([
    ['\x89HDF\r\n\x1a\nrest', `an HDF5 file: ${toNpy}`],
    ['PAR1rest', `a Parquet file: ${toNpy}`],
    ['ARROW1\0\0', `an Arrow file: ${toNpy}`],
    [
      '\x80\x04\x95',
      'a Python pickle: never read, because reading one runs its code; save a numeric array with np.save',
    ],
    ['version https://git-lfs.github.com/spec/v1', 'a Git LFS pointer: not the data; fetch them with git lfs pull'],
  ])('%j is another format', (head, what) => {
    expect(() => openOf(Buffer.from(head, 'latin1'))).toThrow(inputError(`x.npy: not an .npy file: this is ${what}`));
  });
  test('an unknown format', () => {
    expect(() => openOf('0.5 0.25\n')).toThrow(
      inputError('x.npy: not an .npy file: expected 93 4e 55 4d 50 59 at byte 0, found 30 2e 35 20 30 2e'),
    );
    expect(() => openOf('1')).toThrow(
      inputError('x.npy: not an .npy file: expected 93 4e 55 4d 50 59 at byte 0, found 31'),
    );
  });

  test('cut off at every byte', () => {
    const whole = zeros('float32', 5);
    const folder = folderOf();
    const path = join(folder, 'x.npy');
    for (let length = 1; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const expected = length < 8 ? 12 : length < 10 ? 10 : 128;
      const message =
        length < 128
          ? `x.npy: truncated .npy header: expected at least ${expected} bytes, found ${length}.`
          : `x.npy: truncated: expected 148 bytes (float32 [5] after 128 bytes of header), found ${length}.`;
      expect(() => openNpy(path, 'x.npy')).toThrow(inputError(`${message} Was it copied or written to the end?`));
    }
  });

  test('bytes after the data', () => {
    expect(() => openOf(Buffer.concat([zeros('float32', 5), Buffer.of(0)]))).toThrow(
      inputError(
        'x.npy: longer than its header says: expected 148 bytes (float32 [5] after 128 bytes of header), found 149. ' +
          'Save the array again',
      ),
    );
  });

  test.runIf(process.platform === 'linux')('closes what it opens, also after an error', () => {
    const folder = folderOf({ 'good.npy': zeros('int8', 3), 'bad.npy': npyHeader([3], 'int8') });
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 20; i++) {
      openNpy(join(folder, 'good.npy'), 'good.npy');
      expect(() => openNpy(join(folder, 'bad.npy'), 'bad.npy')).toThrow(/^bad\.npy: truncated/);
    }
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
  });
});
