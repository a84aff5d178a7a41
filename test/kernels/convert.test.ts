import { describe, expect, test } from 'vitest';
import { BOTH, fillRandom, IMPLEMENTATIONS, LENGTHS } from './implementations.ts';
import { SPECIAL_BITS } from './special-floats.ts';

const AT = 4096;
const TO = 256 * 1024;
const PAGES = 12;

/** Value of float16 bits, from the definition of the format. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 31
      ? fraction
        ? Number.NaN
        : Infinity
      : exponent
        ? (1024 + fraction) * 2 ** (exponent - 25)
        : fraction * 2 ** -24;
  return bits >> 15 ? -size : size;
}

describe.each(BOTH)('%s conversions', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](PAGES);
  const view = new DataView(bytes.buffer);

  /** Runs a kernel on random bytes and checks that only the bytes [at, at + expected.length) changed, to these. */
  const expectOnly = (at: number, expected: Uint8Array, run: () => void): void => {
    const image = Buffer.from(bytes);
    image.set(expected, at);
    run();
    expect(Buffer.compare(image, bytes)).toBe(0);
  };

  test.each([
    ['swapBytes16', 2],
    ['swapBytes32', 4],
    ['swapBytes64', 8],
  ] as const)('%s reverses each element in place', (kernel, size) => {
    for (const n of LENGTHS) {
      // labels may lie at any address
      for (const at of [AT, AT + 1, AT + 4]) {
        fillRandom(bytes, n + at);
        const expected = Buffer.from(bytes.slice(at, at + n * size));
        if (size === 2) expected.swap16();
        if (size === 4) expected.swap32();
        if (size === 8) expected.swap64();
        expectOnly(at, expected, () => kernels[kernel](at, n));
      }
    }
  });

  test('widenFloat16 gives every one of the 65,536 float16 its value, and one NaN of either sign', () => {
    fillRandom(bytes, 1);
    const from = new Uint16Array(bytes.buffer, AT, 65_536).map((_, bits) => bits);
    bytes.set(new Uint8Array(from.buffer), AT);
    const expected = new Uint32Array(Float32Array.from(from, half).buffer);
    for (const bits of from) if (Number.isNaN(half(bits))) expected[bits] = bits >> 15 ? 0xffc0_0000 : 0x7fc0_0000;
    expectOnly(TO, new Uint8Array(expected.buffer), () => kernels.widenFloat16(AT, 65_536, TO));
  });

  test.each(LENGTHS)('widenFloat16 of %i samples writes those alone', (n) => {
    fillRandom(bytes, n);
    // below 0x7c00: no NaN
    const from = Uint16Array.from({ length: n }, (_, i) => (i * 5 + 1) % 0x7c00);
    bytes.set(new Uint8Array(from.buffer), AT);
    const expected = new Uint8Array(Float32Array.from(from, half).buffer);
    expectOnly(TO + 4, expected, () => kernels.widenFloat16(AT, n, TO + 4));
  });

  test.each(LENGTHS)('widenBfloat16 moves the bits of %i samples up, NaN payloads too, and writes those alone', (n) => {
    fillRandom(bytes, n);
    const special = [0x8000, 0x0001, 0x7f80, 0xff80, 0x7f81, 0xffff, 0x3f80];
    const from = Uint16Array.from({ length: n }, (_, i) => special[i] ?? (i * 40_503) & 0xffff);
    bytes.set(new Uint8Array(from.buffer), AT);
    const expected = new Uint8Array(Uint32Array.from(from, (bits) => bits * 0x1_0000).buffer);
    expectOnly(TO + 4, expected, () => kernels.widenBfloat16(AT, n, TO + 4));
  });

  test.each(LENGTHS)('demoteFloat64 rounds %i to nearest, ties to even, also in place', (n) => {
    const floats = new Float32Array(new Uint32Array(SPECIAL_BITS).buffer).filter((value) => !Number.isNaN(value));
    const doubles = Float64Array.from({ length: n }, (_, i) => {
      const near = floats[i % floats.length];
      const [ulp, above] = [Math.max(2 ** -149, Math.abs(near) * 2 ** -23), Math.floor(i / floats.length) % 7];
      return near + ulp * [0, 0.5, -0.5, 0.5 + 2 ** -20, 0.5 - 2 ** -20, 0.25, 1e30][above];
    });
    const expected = new Uint8Array(Float32Array.from(doubles).buffer);
    for (const to of [TO, AT]) {
      fillRandom(bytes, n);
      bytes.set(new Uint8Array(doubles.buffer), AT);
      expectOnly(to, expected, () => kernels.demoteFloat64(AT, n, to));
    }
  });

  test('demoteFloat64 keeps NaN a NaN, whatever its payload', () => {
    const payloads = [0x7ff0_0000_0000_0001n, 0x7ff8_0000_0000_0000n, 0xfff0_0000_2000_0000n, 0xffff_ffff_ffff_ffffn];
    for (const [i, payload] of payloads.entries()) view.setBigUint64(AT + 8 * i, payload, true);
    kernels.demoteFloat64(AT, payloads.length, TO);
    for (const i of payloads.keys())
      expect(view.getUint32(TO + 4 * i, true) & 0x7fff_ffff).toBeGreaterThan(0x7f80_0000);
  });

  test.each(LENGTHS)('narrowToFloat16 keeps the low half of %i weights, also in place', (n) => {
    const weights = Uint32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0x7c00 : (i * 7919) & 0xffff));
    const expected = new Uint8Array(Uint16Array.from(weights).buffer);
    for (const to of [TO, AT]) {
      fillRandom(bytes, n);
      bytes.set(new Uint8Array(weights.buffer), AT);
      expectOnly(to, expected, () => kernels.narrowToFloat16(AT, n, to));
    }
  });

  test.each(LENGTHS)(
    'narrowToCodes makes %i region numbers of numbers one higher, and 255 of 0, also in place',
    (n) => {
      const raised = Uint32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : (i * 7919) % 256));
      const expected = Uint8Array.from(raised, (number) => (number === 0 ? 255 : number - 1));
      for (const to of [TO, AT]) {
        fillRandom(bytes, n);
        bytes.set(new Uint8Array(raised.buffer), AT);
        expectOnly(to, expected, () => kernels.narrowToCodes(AT, n, to));
      }
    },
  );
});

describe.each(BOTH)('%s looking for NaN', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](4);
  const view = new DataView(bytes.buffer);

  test.each([1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 4097])('finds one anywhere among %i, and none beyond', (n) => {
    const places = n > 20 ? [0, 1, n >> 1, n - 2, n - 1] : Array.from({ length: n }, (_, i) => i);
    for (const nan of [0x7f80_0001, 0x7fff_ffff, 0xff80_0001, 0xffff_ffff]) {
      bytes.fill(0xff);
      for (let i = 0; i < n; i++) view.setUint32(AT + 4 * i, [0x7f80_0000, 0xff80_0000, 0, 0x3f80_0000][i % 4], true);
      expect(kernels.hasNaNFloat32(AT, n)).toBe(0);
      for (const i of places) {
        const was = view.getUint32(AT + 4 * i, true);
        view.setUint32(AT + 4 * i, nan, true);
        expect(kernels.hasNaNFloat32(AT, n), `float32 ${i} of ${n}`).toBe(1);
        view.setUint32(AT + 4 * i, was, true);
      }
    }
    for (const nan of [0x7c01, 0x7fff, 0xfc01, 0xffff]) {
      bytes.fill(0xff);
      for (let i = 0; i < n; i++) view.setUint16(AT + 2 * i, [0x7c00, 0xfc00, 0, 0x7bff, 0xfbff][i % 5], true);
      expect(kernels.hasNaNFloat16(AT, n)).toBe(0);
      for (const i of places) {
        const was = view.getUint16(AT + 2 * i, true);
        view.setUint16(AT + 2 * i, nan, true);
        expect(kernels.hasNaNFloat16(AT, n), `float16 ${i} of ${n}`).toBe(1);
        view.setUint16(AT + 2 * i, was, true);
      }
    }
  });

  test('there is none among no samples', () => {
    bytes.fill(0xff);
    expect(kernels.hasNaNFloat32(AT, 0)).toBe(0);
    expect(kernels.hasNaNFloat16(AT, 0)).toBe(0);
  });
});

describe.each(BOTH)('%s looking at low bits', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](4);
  const view = new DataView(bytes.buffer);

  test.each([1, 3, 4, 5, 7, 8, 4097])('finds a bit set anywhere among %i, and none beyond or above', (n) => {
    for (const place of [0, n >> 1, n - 1]) {
      for (const bits of [0x0001, 0x2000, 0x8001, 0xffff]) {
        bytes.fill(0xff);
        for (let i = 0; i < n; i++) view.setUint32(AT + 4 * i, 0xc0a5_0000, true);
        expect(kernels.lowBits(AT, n)).toBe(0);
        view.setUint32(AT + 4 * place, 0x3f80_0000 + bits, true);
        expect(kernels.lowBits(AT, n), `${place} of ${n}`).toBe(bits);
      }
    }
    expect(kernels.lowBits(AT, 0)).toBe(0);
  });
});
