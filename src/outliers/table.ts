/** A value of a table: text, a number, or nothing. */
export type Value = string | number;

/** Rows of named values: what `outliers` finds, in the order of its columns. */
export interface OutlierTable {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Value>>[];
}
