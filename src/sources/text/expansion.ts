import { inputError } from '../../errors.ts';

/** Elements of a table that a byte of text may stand for: a comma is one, and `{}` is a row of all columns. */
const MOST_PER_BYTE = 16;
/** A small file may leave out as much as it likes. */
const ALWAYS = 2 ** 20;
/** As many as the largest file of text can spell out. */
const MOST = 2 ** 30;

/**
 * Sees that a table is of a size that its text explains: in JSON Lines what is left out costs nothing, and its place in memory
 * does.
 *
 * @throws inputError where it is not
 */
export function checkExpansion(rows: number, width: number, bytes: number, name: string): void {
  const most = Math.min(MOST, MOST_PER_BYTE * bytes + ALWAYS);
  if (rows * width <= most) return;
  throw inputError(
    `${name}: ${rows} rows of ${width} numbers in ${bytes} bytes of text: nearly all are left out; expected ${most} numbers at ` +
      'most. Write each row in full, or convert the file to Parquet',
  );
}
