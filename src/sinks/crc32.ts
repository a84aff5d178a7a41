/** CRC-32 of a concatenation, from the CRC-32 of its parts, as zlib's crc32_combine: the checksum is linear over GF(2). */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  // the operator that appends one zero bit, squared up to the operators for 2^k zero bytes
  let operator = Array.from({ length: 32 }, (_, bit) => (bit === 0 ? 0xedb8_8320 : 2 ** (bit - 1)));
  for (let i = 0; i < 3; i++) operator = square(operator);
  let result = first;
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) result = times(operator, result);
    operator = square(operator);
  }
  return (result ^ second) >>> 0;
}

function times(matrix: readonly number[], vector: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit++) if ((vector >>> bit) & 1) sum ^= matrix[bit];
  return sum >>> 0;
}

const square = (matrix: readonly number[]): number[] => matrix.map((column) => times(matrix, column));

/** A CRC-32 as eight hexadecimal digits. */
export const hex32 = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
