/** CRC-32 of a concatenation, from the CRC-32 of its parts, as zlib's crc32_combine: the checksum is linear over GF(2). */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let result = first;
  for (let bytes = secondBytes, power = 0; bytes > 0; bytes = Math.floor(bytes / 2), power++) {
    if (bytes % 2 === 1) result = times(appendZeros(power), result);
  }
  return (result ^ second) >>> 0;
}

const operators: number[][] = [];

/** The operator that appends 2^power zero bytes: made once, as runs have as many files as they like. */
function appendZeros(power: number): readonly number[] {
  for (let made = operators.length; made <= power; made++) {
    operators.push(square(operators[made - 1] ?? appendNibble()));
  }
  return operators[power];
}

/** Appends one zero bit, squared up to four of them. */
function appendNibble(): number[] {
  const bit = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xedb8_8320 : 2 ** (i - 1)));
  return square(square(bit));
}

function times(matrix: readonly number[], vector: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit++) if ((vector >>> bit) & 1) sum ^= matrix[bit];
  return sum >>> 0;
}

const square = (matrix: readonly number[]): number[] => matrix.map((column) => times(matrix, column));

/** A CRC-32 as eight hexadecimal digits. */
export const hex32 = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
