import { describe, expect, test } from 'vitest';
import { BOTH } from './implementations.ts';
import { CELLS, sampleBits, sampleClasses, sampleHalves, TableMachine } from './tables.ts';

const WIDTHS = [1, 2, 3, 80];
const ROWS = [0, 1, 3, 4, 5, 17, 150];

/** Codes one a sample of classes one a row. */
function codesOf(classes: Int32Array, width: number): Uint8Array {
  const codes = new Uint8Array(classes.length * width);
  for (const [row, label] of classes.entries()) {
    if (label === -2) codes.fill(2, row * width, (row + 1) * width);
    if (label >= 0) codes[row * width + label] = 1;
  }
  return codes;
}

describe.each(BOTH)('%s rows of class logits', (by) => {
  const machine = new TableMachine(by, 30);
  const { at, kernels } = machine;

  /** Puts rows and their codes into a fresh memory. */
  const prepare = (x: Uint32Array | Uint16Array, rows: number, width: number): void => {
    const classes = sampleClasses(rows, width, rows + width);
    machine.reset();
    machine.bytes.set(new Uint8Array(x.buffer), at.x + 4);
    machine.bytes.set(new Uint8Array(classes.buffer), at.classes);
    machine.bytes.set(codesOf(classes, width), at.codes);
    machine.forgetGroups();
  };

  /** The memory after `run` on the memory as `prepare` left it. */
  const imageAfter = (x: Uint32Array | Uint16Array, rows: number, width: number, run: () => void): Buffer => {
    prepare(x, rows, width);
    run();
    machine.forgetGroups();
    return machine.image();
  };

  test.each(WIDTHS)('counting negatives and moving the others is counting by code, width %i', (width) => {
    for (const rows of ROWS) {
      const n = rows * width;
      const pieces = [at.cells, at.splits, at.first, at.thresholds, machine.count] as const;
      const x = sampleBits(30, n, rows);
      const moved = imageAfter(x, rows, width, () => {
        kernels.countFloat32Negatives(at.x + 4, n, ...pieces, at.groups);
        kernels.moveRowsFloat32(at.x + 4, at.classes, rows, width, ...pieces);
      });
      const counted = imageAfter(x, rows, width, () =>
        kernels.countFloat32(at.x + 4, at.codes, n, ...pieces, at.groups),
      );
      expect(Buffer.compare(moved, counted), `float32, ${rows} rows`).toBe(0);

      const halves = sampleHalves(n, rows);
      const movedHalves = imageAfter(halves, rows, width, () => {
        kernels.countFloat16Negatives(at.x + 4, n, at.cells);
        kernels.moveRowsFloat16(at.x + 4, at.classes, rows, width, at.cells);
      });
      const countedHalves = imageAfter(halves, rows, width, () =>
        kernels.countFloat16(at.x + 4, at.codes, n, at.cells),
      );
      expect(Buffer.compare(movedHalves, countedHalves), `float16, ${rows} rows`).toBe(0);
    }
  });

  test.each(WIDTHS)('weighing negatives and the others again is weighing by code, width %i', (width) => {
    for (const rows of ROWS) {
      const n = rows * width;
      const x = sampleBits(30, n, rows);
      // ignored samples weigh 0, as in every beta table
      const ignoreNone = () => machine.u32(at.beta, 3 * CELLS).fill(0, 2 * CELLS);
      const again = imageAfter(x, rows, width, () => {
        ignoreNone();
        kernels.weighFloat32Negatives(at.x + 4, n, ...machine.weighArguments, at.groups, at.out);
        kernels.reweighRowsFloat32(at.x + 4, at.classes, rows, width, ...machine.weighArguments, at.out);
      });
      const byCode = imageAfter(x, rows, width, () => {
        ignoreNone();
        kernels.weighFloat32(at.x + 4, at.codes, n, ...machine.weighArguments, at.groups, at.out);
      });
      expect(Buffer.compare(again, byCode), `float32, ${rows} rows`).toBe(0);

      const halves = sampleHalves(n, rows);
      const againHalves = imageAfter(halves, rows, width, () => {
        ignoreNone();
        kernels.weighFloat16Negatives(at.x + 4, n, at.beta, at.out);
        kernels.reweighRowsFloat16(at.x + 4, at.classes, rows, width, at.beta, at.out);
      });
      const byCodeHalves = imageAfter(halves, rows, width, () => {
        ignoreNone();
        kernels.weighFloat16(at.x + 4, at.codes, n, at.beta, at.out);
      });
      expect(Buffer.compare(againHalves, byCodeHalves), `float16, ${rows} rows`).toBe(0);
    }
  });
});
