import { runError } from '../errors.ts';
import type { ByteOffset } from '../sources/source.ts';
import { markHeader } from './control.ts';
import { type Layout, PAGE } from './layout.ts';

/** Makes the memory of a layout, with its header filled in. @throws runError where the system refuses it */
export function createMemory(layout: Layout): WebAssembly.Memory {
  const pages = layout.bytes / PAGE;
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw runError(
      `${Math.ceil(layout.bytes / 2 ** 20)} MiB of shared memory cannot be had: is the address space limited (ulimit -v)? ` +
        'Give a smaller --memory, or fewer --threads',
      error,
    );
  }
  markHeader(memory);
  return memory;
}

/** u32 view. */
export const u32At = (memory: WebAssembly.Memory, at: ByteOffset, length: number): Uint32Array =>
  new Uint32Array(memory.buffer, at, length);

/** u64 counters as doubles: exact below 2^53, refused above. */
export const countersAt = (memory: WebAssembly.Memory, at: ByteOffset, length: number): Float64Array =>
  sumOfCounters(memory, [at], length);

/** Of the counters at each place. */
export function sumOfCounters(memory: WebAssembly.Memory, places: readonly ByteOffset[], length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const at of places) addCounters(u32At(memory, at, 2 * length), sums);
  return sums;
}

/** Its own function, so that it is compiled once, and soon. */
function addCounters(halves: Uint32Array, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) {
    if (halves[2 * i + 1] >= 0x20_0000) throw new RangeError('a count above 2^53');
    sums[i] += halves[2 * i] + halves[2 * i + 1] * 0x1_0000_0000;
  }
}
