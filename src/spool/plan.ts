import { arraysOf, type ByteOffset, DTYPE_BYTES, type PackedArray, type Part } from '../sources/source.ts';

/** Where the rows of a packed array go in the spool file. */
export interface SpoolPlace {
  readonly source: PackedArray;
  readonly offset: ByteOffset;
}

/** All packed arrays of a stream, one after the other in one file. */
export interface SpoolPlan {
  readonly places: readonly SpoolPlace[];
  readonly bytes: number;
  /** Elements of all arrays, for progress. */
  readonly elements: number;
}

const ALIGNMENT = 64;

export const rowsBytes = ({ rows, columns, dtype }: PackedArray): number => rows * columns * DTYPE_BYTES[dtype];

/** Places every packed array once, also where parts share it. Pure. */
export function planSpool(parts: Iterable<Part>): SpoolPlan {
  const places: SpoolPlace[] = [];
  let bytes = 0;
  let elements = 0;
  const seen = new Set<string>();
  for (const part of parts) {
    for (const source of arraysOf(part)) {
      if (source.kind !== 'packed' || seen.has(spoolKey(source))) continue;
      seen.add(spoolKey(source));
      places.push({ source, offset: bytes });
      bytes += Math.ceil(rowsBytes(source) / ALIGNMENT) * ALIGNMENT;
      elements += source.rows * source.columns;
    }
  }
  return { places, bytes, elements };
}

/** What tells one packed array from another. */
export const spoolKey = ({ path, packing }: PackedArray): string => `${packing.offset} ${path}`;
