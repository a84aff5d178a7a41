type Address = number;

/** Writes the first rows of a block; arguments and layout as in `workers/kernels/generate.ts`. */
export type GenerateBlock = (
  rows: number,
  classes: number,
  labelBytes: number,
  key0: number,
  key1: number,
  tables: Address,
  logits: Address,
  labels: Address,
  weights: Address,
) => void;

export interface GenerateKernels {
  readonly generateFloat32: GenerateBlock;
  readonly generateFloat16: GenerateBlock;
}

const GROUP = 32;
/** 3.3 % and 14.22 % of 2^32. */
const OBJECT_GROUPS = 141_733_920;
const IGNORING_GROUPS = 610_744_349;
const GROUP_KEY = 0x5bd1e995;
const ROW_KEY = 0x27d4eb2f;
const EASY = 0;
const NEAR = 1;
const FOREGROUND = 2;
const CONFUSED = 3;
const SIDE_BYTES = 512 * 8;

const scratch = new DataView(new ArrayBuffer(4));
const bitsOf = (x: number): number => {
  scratch.setFloat32(0, x);
  return scratch.getUint32(0);
};
const floatOf = (bits: number): number => {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
};

/** Random number i of the stream of two keys, 0..2^32 - 1: a Weyl sequence through a 32-bit mixer. */
export function random(i: number, key0: number, key1: number): number {
  let h = (Math.imul(i, 0x9e3779b1) + key0) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h ^= key1;
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Bits of the nearest float16, ties to even; |z| < 65504. */
export function float16Bits(z: number): number {
  const bits = bitsOf(z);
  const size = bits & 0x7fff_ffff;
  const sign = (bits >>> 16) & 0x8000;
  // below 2^-14: the sum with 0.5 has the subnormal's steps
  if (size < 0x3880_0000) return sign | (bitsOf(Math.fround(floatOf(size) + 0.5)) - 0x3f00_0000);
  return sign | ((size - (112 << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** Bits of a run of `length` rows at a place in a group that the upper bits of h choose. */
function runOfRows(length: number, h: number): number {
  return ((1 << length) - 1) << ((((h >>> 8) & 31) * (33 - length)) >>> 5);
}

/** Definition of the stream, one sample at a time. */
export function scalarGenerating(buffer: ArrayBufferLike): GenerateKernels {
  const memory = new DataView(buffer);
  const f32 = (at: Address): number => memory.getFloat32(at, true);

  /** The logit that a random number stands for: bit 0 the side, the others the distance from its end. */
  const draw = (tables: Address, kind: number, h: number): number => {
    const t = Math.fround((h >>> 1) | 1);
    const entry = tables + (2 * kind + (h & 1)) * SIDE_BYTES + 8 * ((bitsOf(t) >>> 19) - (127 << 4));
    return Math.fround(f32(entry) + Math.fround(f32(entry + 4) * t));
  };

  const generate =
    (storeLogit: (logits: Address, i: number, z: number) => void): GenerateBlock =>
    (rows, classes, labelBytes, key0, key1, tables, logits, labels, weights) => {
      const storeLabel = (row: number, category: number): void => {
        if (labelBytes === 1) memory.setUint8(labels + row, category < classes ? 1 : 0);
        else memory.setBigInt64(labels + 8 * row, BigInt(category), true);
      };
      const ofGroup = (i: number): number => random(i, key0 ^ GROUP_KEY, key1);

      for (let i = 0; i < rows * classes; i++) storeLogit(logits, i, draw(tables, EASY, random(i, key0, key1)));
      for (let row = 0; row < rows; row++) {
        const group = 8 * Math.floor(row / GROUP);
        const bit = 1 << (row % GROUP);

        // the object of the group: its span, which of its rows are foreground, its class
        const place = ofGroup(group + 1);
        const span = runOfRows(4 + (place & 7) + ((place >>> 3) & 3), place);
        const kept = ofGroup(group + 2) | ofGroup(group + 3);
        const u = Math.fround((ofGroup(group + 4) >>> 8) / 2 ** 24);
        const category = Math.floor(Math.fround(Math.fround(u * u) * classes));
        const isObject = ofGroup(group) < OBJECT_GROUPS;
        const isForeground = isObject && (span & kept & bit) !== 0;
        if (isObject) {
          const kind = isForeground ? FOREGROUND : span & bit ? CONFUSED : NEAR;
          const z = draw(tables, kind, random(row, key0 ^ ROW_KEY, key1));
          storeLogit(logits, row * classes + category, isForeground ? -z : z);
        }
        storeLabel(row, isForeground ? category : classes);

        if (weights === 0) continue;
        const run = ofGroup(group + 6);
        const isIgnored = ofGroup(group + 5) < IGNORING_GROUPS && (runOfRows(1 + (run & 7), run) & bit) !== 0;
        memory.setFloat32(weights + 4 * row, isIgnored ? 0 : 1, true);
      }
    };

  return {
    generateFloat32: generate((logits, i, z) => memory.setFloat32(logits + 4 * i, z, true)),
    generateFloat16: generate((logits, i, z) => memory.setUint16(logits + 2 * i, float16Bits(z), true)),
  };
}
