import { closeSync, openSync, readSync } from 'node:fs';
import { float16OfBits } from '../density/cell-values.ts';
import { runError } from '../errors.ts';
import type { OutputDtype } from '../options/options.ts';
import type { Format, Row } from '../sources/source.ts';

/** The weights of one part, rows as the workers wrote them, to be written as columns of a table. */
export interface WeightTable {
  /** A file of rows [rows, columns], C order, little-endian. */
  readonly rowsPath: string;
  readonly rows: number;
  /** Names of the columns: `beta`, or `beta_0`, `beta_1` and so on. */
  readonly columns: readonly string[];
  readonly dtype: OutputDtype;
  /** The file to write. */
  readonly path: string;
  /** Columns of the input that come before those of the weights. */
  readonly kept: KeptColumns | null;
}

/** Columns of a file of as many rows, of a format that the output can take them from. */
export interface KeptColumns {
  readonly path: string;
  readonly format: Format;
  readonly columns: readonly string[];
}

type Elements = Float32Array | Uint16Array | Uint8Array;

const BLOCK_BYTES = 4 << 20;
const ELEMENTS = { float32: Float32Array, float16: Uint16Array, code: Uint8Array } as const;

/** Values of every float16. */
let halves: Float32Array | undefined;

/** Names of the columns of logits `[N]` (one) or `[N, C]`. */
export const columnNames = (array: string, shape: readonly number[], columns: number): string[] =>
  shape.length === 1 || columns === 1 ? [array] : Array.from({ length: columns }, (_, c) => `${array}_${c}`);

/** Reads columns of a table of weights, in ascending order of rows, block by block. */
export class WeightRows {
  private readonly table: WeightTable;
  private readonly fd: number;
  private readonly block: Elements;
  private readonly blockRows: number;
  private firstRow: Row = -1;

  constructor(table: WeightTable) {
    this.table = table;
    const width = Math.max(1, table.columns.length);
    const bytes = ELEMENTS[table.dtype].BYTES_PER_ELEMENT * width;
    this.blockRows = Math.max(1, Math.min(table.rows, Math.floor(BLOCK_BYTES / bytes)));
    this.block = new ELEMENTS[table.dtype](this.blockRows * width);
    this.fd = openSync(table.rowsPath, 'r');
  }

  /** Fills `into` with column `column` of the rows from `firstRow`; float16 is widened. */
  read(firstRow: Row, column: number, into: Float32Array | Uint8Array): void {
    const width = this.table.columns.length;
    for (let done = 0; done < into.length; ) {
      this.load(firstRow + done);
      const from = firstRow + done - this.firstRow;
      const n = Math.min(into.length - done, this.blockRows - from);
      const { block } = this;
      for (let i = 0, at = from * width + column; i < n; i++, at += width) into[done + i] = block[at];
      if (this.table.dtype === 'float16') widen(into.subarray(done, done + n));
      done += n;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Makes the block hold `row`. */
  private load(row: Row): void {
    const first = row - (row % this.blockRows);
    if (first === this.firstRow) return;
    const rowBytes = this.block.BYTES_PER_ELEMENT * this.table.columns.length;
    const rows = Math.min(this.blockRows, this.table.rows - first);
    const bytes = new Uint8Array(this.block.buffer, 0, rows * rowBytes);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.fd, bytes, done, bytes.length - done, first * rowBytes + done);
      if (read === 0) throw runError(`${this.table.rowsPath}: ends before row ${row}; something cut it off`);
      done += read;
    }
    this.firstRow = first;
  }
}

/** Bits of float16, held as numbers, to their values. */
function widen(bits: Float32Array | Uint8Array): void {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => float16OfBits(half));
  for (let i = 0; i < bits.length; i++) bits[i] = halves[bits[i]];
}
