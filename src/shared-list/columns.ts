/** A field of many items, plain but for shared buffers: what all have alike is there once, and so are the names of fields within it. */
export type Column =
  | { readonly same: unknown }
  | { readonly each: readonly unknown[] }
  /** Of short arrays, their elements. */
  | { readonly elements: readonly Column[] }
  | { readonly fields: readonly (readonly [name: string, column: Column])[] }
  /** Numbers among the buffers of the list. */
  | { readonly buffers: readonly number[] }
  | { readonly mixed: readonly Column[] };

/** An array of as many elements, such as a shape, takes less room so than by itself. */
const MOST_ELEMENTS = 4;

/** @param buffers those of the list, to which more are added */
export function columnOf(values: readonly unknown[], buffers: SharedArrayBuffer[]): Column {
  const [first] = values;
  const arrays = values.filter(Array.isArray);
  const length = Array.isArray(first) ? first.length : 0;
  if (length <= MOST_ELEMENTS && arrays.length === values.length && arrays.every((array) => array.length === length)) {
    return {
      elements: Array.from({ length }, (_, k) =>
        columnOf(
          arrays.map((array) => array[k]),
          buffers,
        ),
      ),
    };
  }
  const shared = values.filter((value) => value instanceof SharedArrayBuffer);
  const objects = values.filter(isPlainObject);
  if (shared.length === 0 && objects.length === 0) {
    return values.every((value) => Object.is(value, first)) ? { same: first } : { each: values };
  }
  if (shared.length === values.length) return { buffers: shared.map((buffer) => placeOf(buffer, buffers)) };
  const names = isPlainObject(first) ? Object.keys(first) : [];
  if (objects.length < values.length || !objects.every((object) => areNames(names, Object.keys(object)))) {
    return { mixed: values.map((value) => columnOf([value], buffers)) };
  }
  return {
    fields: names.map((name) => [
      name,
      columnOf(
        objects.map((object) => object[name]),
        buffers,
      ),
    ]),
  };
}

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

const areNames = (names: readonly string[], others: readonly string[]): boolean =>
  names.length === others.length && names.every((name, i) => name === others[i]);

function placeOf(buffer: SharedArrayBuffer, buffers: SharedArrayBuffer[]): number {
  const place = buffers.indexOf(buffer);
  return place >= 0 ? place : buffers.push(buffer) - 1;
}

/** The value of item i. */
export function valueAt(column: Column, i: number, buffers: readonly SharedArrayBuffer[]): unknown {
  if ('same' in column) return column.same;
  if ('each' in column) return column.each[i];
  if ('elements' in column) return column.elements.map((elements) => valueAt(elements, i, buffers));
  if ('buffers' in column) return buffers[column.buffers[i]];
  if ('mixed' in column) return valueAt(column.mixed[i], 0, buffers);
  const value: Record<string, unknown> = {};
  for (const [name, values] of column.fields) {
    const own = valueAt(values, i, buffers);
    if (name === '__proto__') Object.defineProperty(value, name, { value: own, enumerable: true });
    else value[name] = own;
  }
  return value;
}
