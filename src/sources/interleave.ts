type Words = Uint8Array | Uint16Array | Uint32Array;

/** Rows of several columns, C order, and one of the columns. */
export interface InterleavedColumn {
  readonly rows: number;
  readonly columns: number;
  readonly column: number;
  /** Bytes of an element. */
  readonly bytes: 1 | 2 | 4 | 8;
}

/** Puts a column, `from`, to its places among the rows at `at` of `into`; both aligned to elements of up to 4 bytes. */
export function interleave(from: Uint8Array, into: Uint8Array, at: number, place: InterleavedColumn): void {
  const { rows, columns, column, bytes } = place;
  const row = wordsOf(into, bytes);
  const source = wordsOf(from, bytes);
  // elements of 8 bytes are two words each
  const words = Math.ceil(bytes / 4);
  const start = (at / bytes + column) * words;
  for (let word = 0; word < words; word++) {
    for (let i = 0, to = start + word; i < rows; i++, to += columns * words) row[to] = source[i * words + word];
  }
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array, size: number): Words {
  if (size === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  return size === 2
    ? new Uint16Array(buffer, byteOffset, byteLength >> 1)
    : new Uint32Array(buffer, byteOffset, byteLength >> 2);
}
