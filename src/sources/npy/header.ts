import { type GhmError, inputError } from '../../errors.ts';
import { type ByteOffset, DTYPE_BYTES, type Dtype } from '../source.ts';
import { readDescr, writeDescr } from './descr.ts';
import { type Dict, type Literal, parseLiteral } from './literal.ts';

/** What the header of an .npy file says of its array, in C order. */
export interface NpyHeader {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  /** Any number of axes. */
  readonly shape: readonly number[];
  readonly dataOffset: ByteOffset;
}

/** Where the text of a header lies in its file: `[start, end)`; the data begin at `end`. */
export interface HeaderSpan {
  readonly start: ByteOffset;
  readonly end: ByteOffset;
  readonly encoding: 'latin1' | 'utf-8';
}

/** `\x93NUMPY` */
export const NPY_MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** Enough bytes to know where the header ends. */
export const NPY_PREFIX_BYTES = 12;
const MAX_HEADER_BYTES = 1 << 20;
const ALIGNMENT = 64;
/** NumPy leaves room for the first axis to grow to this many digits in place. */
const GROWTH_DIGITS = 21;

/**
 * Finds the header in the first bytes of a file: `NPY_PREFIX_BYTES` of them, or all where the file is shorter.
 *
 * @throws inputError without the magic, for a version other than 1.0, 2.0, 3.0, for a header above 1 MiB, for too few bytes
 */
export function npyHeaderSpan(prefix: Uint8Array, name: string): HeaderSpan {
  const known = Math.min(prefix.length, NPY_MAGIC.length);
  for (let i = 0; i < known; i++) {
    if (prefix[i] !== NPY_MAGIC[i])
      throw inputError(
        `${name}: not an .npy file: expected ${hex(NPY_MAGIC)} at byte 0, found ${hex(prefix.subarray(0, 6))}`,
      );
  }
  const [major, minor] = prefix.subarray(6, 8);
  if (major === undefined || minor === undefined) throw truncated(name, NPY_PREFIX_BYTES, prefix.length);
  if (major < 1 || major > 3 || minor !== 0) {
    throw inputError(`${name}: unsupported .npy version at byte 6: expected 1.0, 2.0 or 3.0, found ${major}.${minor}`);
  }
  const start = major === 1 ? 10 : 12;
  if (prefix.length < start) throw truncated(name, start, prefix.length);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) {
    throw inputError(
      `${name}: bad .npy header at byte 8: expected a header of at most ${MAX_HEADER_BYTES} bytes, found ${length}`,
    );
  }
  return { start, end: start + length, encoding: major === 3 ? 'utf-8' : 'latin1' };
}

/**
 * Reads the header from the first bytes of an .npy file, which have to reach to its end.
 *
 * @throws inputError for anything but a dict of descr, fortran_order and shape with a numeric dtype in C order
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const span = npyHeaderSpan(bytes.subarray(0, NPY_PREFIX_BYTES), name);
  if (bytes.length < span.end) throw truncated(name, span.end, bytes.length);
  const text = decode(bytes.subarray(span.start, span.end), span, name);
  const literal = parseLiteral(text, (index, expected, found) => {
    const at = span.start + Buffer.byteLength(text.slice(0, index), span.encoding);
    return inputError(`${name}: bad .npy header at byte ${at}: expected ${expected}, found ${found}`);
  });
  const [descr, order, shapeLiteral] = entriesOf(literal, name);
  const { dtype, bigEndian } = readDescr(descr, name);
  const shape = shapeOf(shapeLiteral, dtype, name);
  checkOrder(order, shape, name);
  return { dtype, bigEndian, shape, dataOffset: span.end };
}

/** Bytes of the header and of the data that it promises. */
export const npyFileBytes = ({ dataOffset, shape, dtype }: NpyHeader): number =>
  dataOffset + elementsOf(shape) * DTYPE_BYTES[dtype];

/** @throws inputError where a file of `size` bytes is not exactly its header and the data that the header promises */
export function checkNpySize(header: NpyHeader, size: ByteOffset, name: string): void {
  const expected = npyFileBytes(header);
  if (size === expected) return;
  const said = `expected ${expected} bytes (${header.dtype} [${header.shape.join(', ')}] after ${header.dataOffset} bytes of header), found ${size}`;
  throw inputError(
    size < expected
      ? `${name}: truncated: ${said}. Was it copied or written to the end?`
      : `${name}: longer than its header says: ${said}. Save the array again`,
  );
}

/**
 * The header of a C order array, byte for byte as NumPy's `np.save` writes it: little-endian, version 1.0, or 2.0 where
 * that is too short. Its length is a multiple of 64, so the data that follow are aligned.
 */
export function npyHeader(shape: readonly number[], dtype: Dtype): Uint8Array {
  const [first] = shape;
  const tuple = shape.length === 1 ? `(${first},)` : `(${shape.join(', ')})`;
  const growth = first === undefined ? 0 : GROWTH_DIGITS - String(first).length;
  const text = `{'descr': '${writeDescr(dtype)}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(growth)}`;
  const padded = (start: number): number => (Math.floor((start + text.length + 1) / ALIGNMENT) + 1) * ALIGNMENT;
  const short = padded(10) - 10 <= 0xffff;
  const start = short ? 10 : 12;
  const bytes = new Uint8Array(padded(start)).fill(0x20);
  bytes.set(NPY_MAGIC);
  bytes.set([short ? 1 : 2, 0], 6);
  const view = new DataView(bytes.buffer);
  if (short) view.setUint16(8, bytes.length - start, true);
  else view.setUint32(8, bytes.length - start, true);
  bytes.set(Buffer.from(text, 'latin1'), start);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

/** Bytes for a message: `93 4e 55`. */
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

const elementsOf = (shape: readonly number[]): number => (shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1));

const truncated = (name: string, expected: number, found: number): GhmError =>
  inputError(
    `${name}: truncated .npy header: expected at least ${expected} bytes, found ${found}. Was it copied or written to the end?`,
  );

const bad = (name: string, expected: string, found: string): GhmError =>
  inputError(`${name}: bad .npy header: expected ${expected}, found ${found}`);

const found = (literal: Literal): string =>
  literal.kind === 'name' ? literal.value : `${literal.kind === 'integer' ? 'an' : 'a'} ${literal.kind}`;

function decode(bytes: Uint8Array, span: HeaderSpan, name: string): string {
  if (span.encoding === 'latin1') return Buffer.from(bytes).toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad(name, 'UTF-8 text (version 3.0)', 'bytes that are not');
  }
}

function entriesOf(literal: Literal, name: string): [Literal, Literal, Literal] {
  if (literal.kind !== 'dict') throw bad(name, "a dict of 'descr', 'fortran_order' and 'shape'", found(literal));
  const { entries }: Dict = literal;
  for (const key of entries.keys()) {
    if (!['descr', 'fortran_order', 'shape'].includes(key)) {
      throw bad(name, "only the keys 'descr', 'fortran_order' and 'shape'", `'${key.slice(0, 40)}'`);
    }
  }
  const get = (key: string): Literal => {
    const value = entries.get(key);
    if (value === undefined) throw bad(name, `a key '${key}'`, 'none');
    return value;
  };
  return [get('descr'), get('fortran_order'), get('shape')];
}

function shapeOf(literal: Literal, dtype: Dtype, name: string): number[] {
  if (literal.kind !== 'tuple') throw bad(name, "'shape' to be a tuple of integers", found(literal));
  const shape = literal.items.map((item) => {
    if (item.kind !== 'integer') throw bad(name, "'shape' to be a tuple of integers", `${found(item)} in it`);
    return item.value;
  });
  if (elementsOf(shape) * DTYPE_BYTES[dtype] > Number.MAX_SAFE_INTEGER - MAX_HEADER_BYTES * 2) {
    throw bad(
      name,
      'less than 2^53 bytes of data',
      `${dtype} [${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', ..' : ''}]`,
    );
  }
  return shape;
}

function checkOrder(order: Literal, shape: readonly number[], name: string): void {
  if (order.kind !== 'name' || order.value === 'None')
    throw bad(name, "'fortran_order' to be True or False", found(order));
  const oneLine = elementsOf(shape) === 0 || shape.filter((length) => length > 1).length <= 1;
  if (order.value === 'False' || oneLine) return;
  throw inputError(
    `${name}: the array [${shape.join(', ')}] is in Fortran order (column after column); expected C order. ` +
      'Save it again with np.save(path, np.ascontiguousarray(array))',
  );
}
