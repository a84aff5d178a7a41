import { describe, expect, test } from 'vitest';
import { BOTH, IMPLEMENTATIONS, type Implementation, LENGTHS, seeded } from './implementations.ts';
import { sampleBits, sampleClasses, sampleCodes } from './tables.ts';

/** Where everything lies, with 64 bytes or more between any two. */
const AT = { x: 64, codes: 0x1_0000, classes: 0x1_4000, out: 0x2_4000, groups: 0x3_2000, tables: 0x3_4000 };
const PAGES = 64;
const NAN = 0xffff_ffff;
const CUT = 0x8000_0000;

const flipped = (bits: number): number => (bits ^ CUT) >>> 0;
const zOf = (bits: number, code: number): number => (code === 2 ? NAN : code === 1 ? flipped(bits) : bits);

/** Equality of every word; `toEqual` would take seconds for the larger tables. */
function expectSame(found: Uint32Array, expected: Uint32Array, what: string): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Uint32Array) => Buffer.from(buffer, byteOffset, byteLength);
  expect(Buffer.compare(bytes(found), bytes(expected)), what).toBe(0);
}

class Memory {
  readonly bytes: Uint8Array;
  readonly kernels: ReturnType<(typeof IMPLEMENTATIONS)['wasm']>['kernels'];

  constructor(by: Implementation) {
    const { bytes, kernels } = IMPLEMENTATIONS[by](PAGES);
    this.bytes = bytes;
    this.kernels = kernels;
  }

  u32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.bytes.buffer, at, length);
  }
}

/** What is around the boundaries of fine cells, and what detectors give. */
function samplesFor(n: number, seed: number, lowest: number, limit: number, shift: number): Uint32Array {
  const next = seeded(seed);
  const x = sampleBits(30, n, seed);
  const edges = [lowest, lowest + 1, lowest + limit - 1, lowest + limit].map((cell) => cell * 2 ** shift);
  for (let i = 0; i < n; i += 3) {
    const edge = edges[next() % edges.length] + (next() % 3) - 1;
    x[i] = next() % 2 === 0 ? edge : edge + CUT;
  }
  return x;
}

describe.each(BOTH)('%s counting by fine cells', (by) => {
  const memory = new Memory(by);
  const { kernels } = memory;

  /** Counts as the definition has them. */
  const tally = (zs: readonly number[], shift: number, lowest: number, limit: number, stride: number): Uint32Array => {
    const counts = new Uint32Array(2 * stride);
    for (const z of zs) {
      const cell = Math.floor((z % CUT) / 2 ** shift) - lowest;
      counts[(z >= CUT ? stride : 0) + (cell >= 0 && cell < limit ? cell : limit)]++;
    }
    return counts;
  };

  describe.each([
    [11, 116 * 4096, 65_536],
    [16, 116 * 128, 2048],
    [2, 127 * 2 ** 21, 5],
  ])('shift %i', (shift, lowest, limit) => {
    const stride = limit + 3;
    const shape = [shift, lowest, limit, stride] as const;
    const table = memory.u32(AT.tables, 2 * stride);

    test('labelled and all negative samples', () => {
      for (const n of LENGTHS) {
        const x = samplesFor(n, n + shift, lowest, limit, shift);
        const codes = sampleCodes(n, n);
        // sixteen negatives in a row take another way
        codes.fill(0, 32, 80);
        memory.u32(AT.x + 4, n).set(x);
        memory.bytes.set(codes, AT.codes + 1);
        table.fill(0);
        kernels.countFine(AT.x + 4, AT.codes + 1, n, AT.tables, ...shape);
        const labelled = Array.from(x, (bits, i) => zOf(bits, codes[i]));
        expectSame(table, tally(labelled, ...shape), `labelled, n ${n}`);
        table.fill(0);
        kernels.countFineNegatives(AT.x + 4, n, AT.tables, ...shape);
        expectSame(table, tally([...x], ...shape), `negatives, n ${n}`);
      }
    });

    test.each([1, 3, 80])('rows of %i', (width) => {
      const rows = Math.floor(2000 / width);
      const x = samplesFor(rows * width, width, lowest, limit, shift);
      const classes = sampleClasses(rows, width, width);
      memory.u32(AT.x, x.length).set(x);
      memory.u32(AT.classes, rows).set(new Uint32Array(classes.buffer));
      table.fill(0);
      kernels.countFineNegatives(AT.x, x.length, AT.tables, ...shape);
      kernels.moveRowsFine(AT.x, AT.classes, rows, width, AT.tables, ...shape);
      const zs = [...x].flatMap((bits, i) => {
        const label = classes[Math.floor(i / width)];
        return label === -2 ? [] : [label === i % width ? flipped(bits) : bits];
      });
      expectSame(table, tally(zs, ...shape), `rows of ${width}`);
    });
  });
});

describe.each(BOTH)('%s weighing by z', (by) => {
  const memory = new Memory(by);
  const { kernels } = memory;
  const shift = 16;
  const placeOf = (bits: number): number => (bits >= CUT ? NAN - bits : bits + CUT);

  /** Pieces at random places, many in one entry too, and the table that goes with them. */
  const pieces = 500;
  const next = seeded(5);
  const places = Uint32Array.from({ length: pieces - 1 }, () =>
    next() % 2 === 0 ? placeOf(sampleBits(30, 1, next())[0]) : placeOf(0xc040_0000 + (next() % 0x1_0000)),
  );
  places.sort();
  const from = Uint32Array.from([placeOf(0xff80_0000), ...places]).sort();
  const weights = Uint32Array.from({ length: pieces }, () => next() & 0x7fff_ffff);
  const pieceAt = (place: number): number =>
    Math.max(
      0,
      from.findLastIndex((start) => start <= place),
    );
  const at = { places: AT.tables + 4 * 65_536 + 64, weights: AT.tables + 4 * 65_536 + 64 + 4 * pieces + 64 };
  const table = Uint32Array.from({ length: 65_536 }, (_, top) => {
    const ends = [placeOf(top * 65_536), placeOf(top * 65_536 + 65_535)].sort((a, b) => a - b).map(pieceAt);
    const mayBeNaN = (top & 0x7fff) >= 0x7f80;
    return ends[0] === ends[1] && !mayBeNaN ? weights[ends[0]] : CUT + ends[0];
  });
  memory.u32(AT.tables, table.length).set(table);
  memory.u32(at.places, pieces).set(from);
  memory.u32(at.weights, pieces).set(weights);
  const tables = [AT.tables, shift, at.places, at.weights, pieces] as const;

  const weightOf = (z: number): number => ((z & 0x7fff_ffff) > 0x7f80_0000 ? 0 : weights[pieceAt(placeOf(z))]);

  test('labelled and all negative samples, special floats and NaN among them', () => {
    for (const n of LENGTHS) {
      const x = sampleBits(30, n, n);
      for (let i = 0; i < n; i += 2) x[i] = 0xc040_0000 + (seeded(i)() % 0x1_0000);
      const codes = sampleCodes(n, n);
      codes.fill(0, 32, 80);
      memory.u32(AT.x + 4, n).set(x);
      memory.bytes.set(codes, AT.codes + 1);
      const out = memory.u32(AT.out + 4, n);
      kernels.weighWindow(AT.x + 4, AT.codes + 1, n, ...tables, AT.groups, AT.out + 4);
      expectSame(
        out,
        Uint32Array.from(x, (bits, i) => weightOf(zOf(bits, codes[i]))),
        `labelled, n ${n}`,
      );
      kernels.weighWindowNegatives(AT.x + 4, n, ...tables, AT.groups, AT.out + 4);
      expectSame(out, Uint32Array.from(x, weightOf), `negatives, n ${n}`);
    }
  });

  test.each([1, 3, 80])('rows of %i', (width) => {
    const rows = Math.floor(4000 / width);
    const x = sampleBits(30, rows * width, width);
    const classes = sampleClasses(rows, width, width);
    memory.u32(AT.x, x.length).set(x);
    memory.u32(AT.classes, rows).set(new Uint32Array(classes.buffer));
    kernels.weighWindowNegatives(AT.x, x.length, ...tables, AT.groups, AT.out);
    kernels.reweighRowsWindow(AT.x, AT.classes, rows, width, ...tables, AT.out);
    const expected = Uint32Array.from(x, (bits, i) => {
      const label = classes[Math.floor(i / width)];
      return label === -2 ? 0 : weightOf(label === i % width ? flipped(bits) : bits);
    });
    expectSame(memory.u32(AT.out, x.length), expected, `rows of ${width}`);
  });
});
