/** What can be asked of a list, be it an array or one that threads share. */
export interface List<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
  entries(): Iterable<[number, T]>;
  map<U>(make: (item: T, index: number) => U): U[];
  reduce<U>(add: (sum: U, item: T) => U, initial: U): U;
  some(holds: (item: T) => boolean): boolean;
}

/** An item that is known to be there. */
export function itemOf<T>(list: List<T>, index: number): T {
  const item = list.at(index);
  if (item === undefined) throw new RangeError(`item ${index} of a list of ${list.length}`);
  return item;
}
