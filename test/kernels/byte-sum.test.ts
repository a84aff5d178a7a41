import { describe, expect, it } from 'vitest';
import { BOTH, fillRandom, IMPLEMENTATIONS, LENGTHS } from './implementations.ts';

const AT = 4096;

describe.each(BOTH)('sums of bytes: %s', (implementation) => {
  const { bytes, kernels } = IMPLEMENTATIONS[implementation](2);
  fillRandom(bytes, 5);

  it('are of words times odd numbers', () => {
    const view = new DataView(bytes.buffer, AT);
    for (const n of LENGTHS) {
      let expected = 0;
      for (let word = 0; 4 * word < n; word++) {
        const mask = 4 * word + 4 <= n ? 0xffff_ffff : 2 ** (8 * (n - 4 * word)) - 1;
        expected = (expected + Math.imul(view.getUint32(4 * word, true) & mask, 2 * word + 1)) | 0;
      }
      expect(kernels.byteSum(AT, n, 0, 0) | 0, `${n}`).toBe(expected);
    }
  });

  it('do not depend on how the stream is cut', () => {
    const whole = kernels.byteSum(AT, 5000, 7, 0) | 0;
    for (const cut of [1, 2, 3, 5, 64, 65, 127, 1001, 4999]) {
      let sum = 0;
      for (let from = 0; from < 5000; from += cut) {
        const n = Math.min(cut, 5000 - from);
        sum = (sum + kernels.byteSum(AT + from, n, 7 + Math.floor(from / 4), from % 4)) | 0;
      }
      expect(sum, `${cut}`).toBe(whole);
    }
  });

  it('of any one bit that is another, and of neighbours exchanged, are others', () => {
    const n = 203;
    const sum = kernels.byteSum(AT, n, 0, 0) | 0;
    for (let bit = 0; bit < 8 * n; bit++) {
      bytes[AT + (bit >> 3)] ^= 1 << (bit & 7);
      expect(kernels.byteSum(AT, n, 0, 0) | 0).not.toBe(sum);
      bytes[AT + (bit >> 3)] ^= 1 << (bit & 7);
    }
    const words = new Uint32Array(bytes.buffer, AT, 50);
    for (let i = 1; i < 50; i++) {
      [words[i - 1], words[i]] = [words[i], words[i - 1]];
      expect(kernels.byteSum(AT, n, 0, 0) | 0).not.toBe(sum);
      [words[i - 1], words[i]] = [words[i], words[i - 1]];
    }
  });

  it('of words past 2^31 go on', () => {
    expect(kernels.byteSum(AT, 100, 0x8000_0000 + 5, 1) | 0).toBe(kernels.byteSum(AT, 100, 5, 1) | 0);
  });
});
