import type { Dtype } from '../source.ts';
import type { Table } from './flatbuffer.ts';

/** One column of an Arrow file, or the elements of its lists. */
export interface ArrowField {
  readonly name: string;
  /** Number of the type in Schema.fbs. */
  readonly type: number;
  /** What its values are where they are numbers; `bool` are bits. */
  readonly dtype: Dtype | null;
  /** Elements of each value of a fixed-size list. */
  readonly listSize: number;
  readonly isDictionary: boolean;
  readonly isDense: boolean;
  readonly children: readonly ArrowField[];
}

/** Numbers of types in Schema.fbs. */
export const TYPE = {
  null: 1,
  int: 2,
  float: 3,
  bool: 6,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeList: 16,
  map: 17,
  largeList: 21,
  runEndEncoded: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
} as const;
/** Binary, Utf8, LargeBinary, LargeUtf8: offsets and bytes. */
const TEXTS: readonly number[] = [4, 5, 19, 20];
const LAST_TYPE = 26;
const MOST_NESTED = 64;
const MOST_FIELDS = 10_000;

const FLOATS = ['float16', 'float32', 'float64'] as const;
const INTEGERS: Readonly<Record<string, Dtype>> = {
  true8: 'int8',
  true16: 'int16',
  true32: 'int32',
  true64: 'int64',
  false8: 'uint8',
  false16: 'uint16',
  false32: 'uint32',
  false64: 'uint64',
};

/** @throws RangeError where it is nested without end, or has parts without end: tables may hold the same table */
export function fieldOf(field: Table, budget = { fields: MOST_FIELDS }, depth = 0): ArrowField {
  if (depth > MOST_NESTED) throw new RangeError(`columns nested more than ${MOST_NESTED} deep`);
  if (budget.fields-- === 0) throw new RangeError(`more than ${MOST_FIELDS} columns within a column`);
  const type = field.u8(2);
  if (type > LAST_TYPE) throw new RangeError(`type ${type} is unknown`);
  const details = field.table(3);
  return {
    name: field.text(0),
    type,
    dtype: dtypeOf(type, details),
    listSize: type === TYPE.fixedSizeList ? (details?.i32(0) ?? 0) : 0,
    isDictionary: field.table(4) !== null,
    isDense: type === TYPE.union && details?.i16(0) === 1,
    children: field.tables(5).map((child) => fieldOf(child, budget, depth + 1)),
  };
}

function dtypeOf(type: number, details: Table | null): Dtype | null {
  if (type === TYPE.bool) return 'bool';
  if (type === TYPE.int) return INTEGERS[`${details?.u8(1) === 1}${details?.i32(0)}`] ?? null;
  return type === TYPE.float ? (FLOATS[details?.i16(0) ?? 0] ?? null) : null;
}

/** Where nodes and buffers of a field begin among those of a record batch. */
export interface Place {
  node: number;
  buffer: number;
  /** Vectors of views seen. */
  views: number;
}

/** Moves `place` behind a field and all that it holds. */
export function skipField(field: ArrowField, place: Place, variadic: readonly number[]): void {
  place.node++;
  const { type, isDictionary } = field;
  if (isDictionary) {
    place.buffer += 2;
    return;
  }
  place.buffer += ownBuffers(field);
  if (type === TYPE.binaryView || type === TYPE.utf8View) place.buffer += variadic[place.views++] ?? 0;
  for (const child of field.children) skipField(child, place, variadic);
}

/** Buffers of a field itself, without those of its children. */
function ownBuffers({ type, isDense }: ArrowField): number {
  if (type === TYPE.null || type === TYPE.runEndEncoded) return 0;
  if (type === TYPE.struct || type === TYPE.fixedSizeList) return 1;
  if (type === TYPE.union) return isDense ? 2 : 1;
  return TEXTS.includes(type) || type === TYPE.listView || type === TYPE.largeListView ? 3 : 2;
}
