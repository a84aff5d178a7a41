import { inputError } from '../../errors.ts';
import { DTYPE_BYTES, type Dtype } from '../source.ts';
import type { Literal } from './literal.ts';

/** Dtypes that NumPy has. */
export type NpyDtype = Exclude<Dtype, 'bfloat16'>;

const CODES: ReadonlyMap<string, NpyDtype> = new Map([
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['u1', 'uint8'],
  ['i2', 'int16'],
  ['u2', 'uint16'],
  ['i4', 'int32'],
  ['u4', 'uint32'],
  ['i8', 'int64'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

export const NPY_DTYPES: readonly NpyDtype[] = [...CODES.values()];

/**
 * The dtype of a header's `descr`. `=`, `|` and no mark at all are read as little-endian.
 *
 * @throws inputError for objects (pickles are never read) and for every dtype that is not one of NPY_DTYPES
 */
export function readDescr(descr: Literal, name: string): { dtype: NpyDtype; bigEndian: boolean } {
  if (descr.kind !== 'string') throw unsupported(name, 'a structured dtype');
  const [, order, code] = /^([<>|=]?)(.+)$/s.exec(descr.value) ?? [];
  const dtype = CODES.get(code ?? '');
  if (dtype !== undefined) return { dtype, bigEndian: order === '>' && DTYPE_BYTES[dtype] > 1 };
  if (/^O\d*$/.test(code ?? '')) {
    throw inputError(
      `${name}: holds Python objects (dtype '${descr.value}'). Those are pickles, which are never read; ` +
        'save a numeric array, for example np.save(path, np.asarray(rows, dtype=np.float32))',
    );
  }
  throw unsupported(name, `dtype '${descr.value.slice(0, 40)}'`);
}

function unsupported(name: string, what: string): Error {
  return inputError(
    `${name}: unsupported dtype: expected one of ${NPY_DTYPES.join(', ')}; found ${what}. Convert it first`,
  );
}

/** `descr` as NumPy writes it on a little-endian machine: `<f4`, `|u1`, `|b1`. */
export function writeDescr(dtype: Dtype): string {
  for (const [code, name] of CODES) if (name === dtype) return `${DTYPE_BYTES[dtype] > 1 ? '<' : '|'}${code}`;
  throw new TypeError(`no .npy code for ${dtype}`);
}
