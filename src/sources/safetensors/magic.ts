/** Bytes of the length before the header. */
export const LENGTH_BYTES = 8;
/** A header this long has some 300,000 tensors. */
export const MAX_HEADER_BYTES = 32 * 2 ** 20;

/** Whether a file begins as .safetensors do: a little-endian u64 length, then a JSON object. */
export function isSafetensors(head: Uint8Array, name: string): boolean {
  if (name.endsWith('.safetensors')) return true;
  if (head.length <= LENGTH_BYTES || head[LENGTH_BYTES] !== 0x7b) return false;
  const length = headerLength(head);
  return length >= 2 && length <= MAX_HEADER_BYTES;
}

/** The length of the header as a double: exact below 2^53. */
export function headerLength(head: Uint8Array): number {
  return Number(new DataView(head.buffer, head.byteOffset, head.byteLength).getBigUint64(0, true));
}
