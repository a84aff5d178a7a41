import { openRows } from '../../workers/open-rows.ts';
import type { Breathe } from '../breath.ts';
import { elementReader } from './elements.ts';
import { DTYPE_BYTES, type ReadableArray, type Row } from './source.ts';

/** What is read at once, at most, unless a row is larger. */
const RUN_BYTES = 1 << 16;
/** Rows so near to each other are read with what lies between: that is quicker than to read them one by one. */
const NEAR_BYTES = 1 << 12;

/** The elements of a few rows of an array, by row; NaN for a null. @throws inputError where the file is not the one that was planned */
export async function pickRows(
  source: ReadableArray,
  rows: Iterable<Row>,
  breathe: Breathe,
): Promise<ReadonlyMap<Row, number[]>> {
  const { columns, dtype } = source;
  const rowBytes = columns * DTYPE_BYTES[dtype];
  const bytes = new Uint8Array(Math.max(RUN_BYTES, rowBytes));
  const read = elementReader(source, bytes);
  const picked = new Map<Row, number[]>();
  // readers of blocks go forward only
  const ascending = Float64Array.from(new Set(rows)).sort();
  const reader = await openRows(source, (ascending.at(-1) ?? -1) + 1);
  try {
    for (const run of runsOf(ascending, rowBytes)) {
      await breathe();
      const [first] = run;
      const length = run[run.length - 1] - first + 1;
      await reader.prepare?.(first, length);
      reader.read(first, bytes.subarray(0, length * rowBytes));
      const nulls = new Set(reader.nulls?.());
      for (const row of run) {
        const start = (row - first) * columns;
        picked.set(
          row,
          Array.from({ length: columns }, (_, c) => (nulls.has(start + c) ? Number.NaN : read(start + c))),
        );
      }
    }
  } finally {
    reader.close();
  }
  return picked;
}

/** Ascending rows in runs that are read at once. */
function* runsOf(ascending: Float64Array, rowBytes: number): Generator<Float64Array> {
  let from = 0;
  for (let i = 1; i <= ascending.length; i++) {
    const reach = (ascending[i] - ascending[from] + 1) * rowBytes;
    const gap = (ascending[i] - ascending[i - 1] - 1) * rowBytes;
    if (reach <= RUN_BYTES && gap <= NEAR_BYTES) continue;
    yield ascending.subarray(from, i);
    from = i;
  }
}
