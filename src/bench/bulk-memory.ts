/**
 * Copy and fill at the speed of the machine: the bulk instructions of WebAssembly. JavaScript's own `set` and `fill` go
 * word by word on shared memory, at two thirds of the speed.
 */
export interface BulkMemory {
  /** Copies bytes to a place that does not overlap them. */
  copy(to: number, from: number, bytes: number): void;
  /** Sets bytes to one value, 0 to 255. */
  fill(to: number, value: number, bytes: number): void;
}

const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
const sized = (bytes: readonly number[]): number[] => [bytes.length, ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];

const I32 = 0x7f;
/** local.get 0, 1, 2: both instructions take their operands in the order of the arguments. */
const ARGUMENTS = [0x20, 0, 0x20, 1, 0x20, 2];
const END = 0x0b;

/** The smallest module that has the two: (to, from or value, bytes), over the imported shared memory. */
const MODULE = Uint8Array.from([
  ...[0x00, ...Buffer.from('asm'), 1, 0, 0, 0],
  // one type, for both functions
  ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
  // a shared memory of at least 1 and at most 65,536 pages
  ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0x03, 1, 0x80, 0x80, 4]),
  ...section(3, [2, 0, 0]),
  ...section(7, [2, ...text('copy'), 0, 0, ...text('fill'), 0, 1]),
  ...section(10, [
    2,
    ...sized([0, ...ARGUMENTS, 0xfc, 10, 0, 0, END]), // memory.copy
    ...sized([0, ...ARGUMENTS, 0xfc, 11, 0, END]), // memory.fill
  ]),
]);

/** The two functions over a shared memory. */
export function bulkMemory(memory: WebAssembly.Memory): BulkMemory {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { env: { memory } });
  // the module above exports exactly these
  return exports as unknown as BulkMemory;
}
