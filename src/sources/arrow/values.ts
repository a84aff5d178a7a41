import { inputError } from '../../errors.ts';
import { LONGEST_LIST } from '../longest-list.ts';
import { DTYPE_BYTES, type Dtype } from '../source.ts';
import { LENGTH_BYTES } from './buffers.ts';
import type { BatchLayout } from './footer.ts';
import type { ArrowValues } from './reading.ts';
import { type ArrowField, type Place, skipField, TYPE } from './schema.ts';

/** What is read of a column: numbers, or lists of as many numbers. */
export interface NumberField {
  readonly field: ArrowField;
  /** Of its numbers. */
  readonly stored: Dtype;
  /** Whether its values are lists. */
  readonly isList: boolean;
}

/** That a byte of LZ4 or Zstandard can become: a block of the latter, of 128 KiB at most, takes four. */
const MOST_BYTES_OF_ONE = 2 ** 15;

const LISTS: readonly number[] = [TYPE.list, TYPE.largeList, TYPE.fixedSizeList];

/** @throws inputError where a column holds something else */
export function numberField(field: ArrowField, name: string): NumberField {
  const isList = LISTS.includes(field.type) && !field.isDictionary;
  const numbers = isList ? field.children[0] : field;
  if (numbers !== undefined && numbers.dtype !== null && !numbers.isDictionary) {
    return { field, stored: numbers.dtype, isList };
  }
  throw inputError(
    `${name}: unsupported type: expected a column of numbers (integers, booleans, half, float or double) or of lists of them, ` +
      `found ${field.isDictionary ? 'a dictionary' : `Arrow type ${field.type}`}`,
  );
}

/**
 * Where the values of a column lie in a record batch.
 *
 * @param before the fields before it
 * @throws RangeError where the batch has no such buffers, or too short ones
 */
export function valuesOf(before: readonly ArrowField[], column: NumberField, batch: BatchLayout): ArrowValues {
  const place: Place = { node: 0, buffer: 0, views: 0 };
  for (const field of before) skipField(field, place, batch.variadic);
  const { field, isList } = column;
  const node = (at: number) => {
    const found = batch.nodes[at];
    if (found === undefined) throw new RangeError(`a record batch without column ${JSON.stringify(field.name)}`);
    return found;
  };
  const buffer = (at: number, bytes: number) => {
    const found = batch.buffers[at];
    const least = batch.codec === 'none' ? bytes : LENGTH_BYTES + Math.ceil(bytes / MOST_BYTES_OF_ONE);
    if (found === undefined || (bytes > 0 && found.bytes < least)) {
      throw new RangeError(`expected a buffer of ${bytes} bytes, found ${found?.bytes ?? 'none'}`);
    }
    return found;
  };
  const bits = (at: number, length: number, nulls: number) => (nulls > 0 ? buffer(at, Math.ceil(length / 8)) : null);

  const outer = node(place.node);
  const { rows } = batch;
  if (outer.length !== rows) throw new RangeError(`a column of ${outer.length} rows in a record batch of ${rows}`);
  if (!isList) {
    const values = buffer(place.buffer + 1, bytesOf(column.stored, rows));
    return { width: 1, values, validity: bits(place.buffer, rows, outer.nulls), listValidity: null, offsets: null };
  }
  const inner = node(place.node + 1);
  const width = field.type === TYPE.fixedSizeList ? field.listSize : inner.length / rows;
  const elements = rows * width;
  if (!Number.isSafeInteger(width) || width < 1 || inner.length < elements) throw new UnequalLists();
  // how long a buffer is when it is decompressed, no length in the file says
  if (batch.codec !== 'none' && width > LONGEST_LIST) {
    throw new RangeError(`lists of ${width} numbers; expected up to ${LONGEST_LIST} where they are compressed`);
  }
  const bytesEach = field.type === TYPE.largeList ? 8 : 4;
  const hasOffsets = field.type !== TYPE.fixedSizeList;
  const child = place.buffer + (hasOffsets ? 2 : 1);
  return {
    width,
    values: buffer(child + 1, bytesOf(column.stored, elements)),
    validity: bits(child, elements, inner.nulls),
    listValidity: bits(place.buffer, rows, outer.nulls),
    offsets: hasOffsets ? { ...buffer(place.buffer + 1, (rows + 1) * bytesEach), bytesEach } : null,
  };
}

/** Lists that are not all of one length. */
export class UnequalLists extends Error {}

const bytesOf = (stored: Dtype, elements: number): number =>
  stored === 'bool' ? Math.ceil(elements / 8) : elements * DTYPE_BYTES[stored];
