import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combineCrc32 } from '../../src/sinks/crc32.ts';

describe('the CRC-32 of a concatenation', () => {
  test('is that of zlib, for any two parts', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
      }),
      { numRuns: 500 },
    );
  });

  test('is that of zlib, part by part from nothing, and for long parts', () => {
    const parts = [0, 1, 7, 4096, 65_537, 3_000_001, 0].map((length) => randomBytes(length));
    const combined = parts.reduce((crc, part) => combineCrc32(crc, crc32(part), part.length), 0);
    expect(combined).toBe(crc32(Buffer.concat(parts)));
  });

  test('does not depend on where a file is cut', () => {
    const whole = randomBytes(1000);
    for (let cut = 0; cut <= 1000; cut++) {
      const [a, b] = [whole.subarray(0, cut), whole.subarray(cut)];
      expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(whole));
    }
  });

  test('can be told for parts far larger than memory: zeros, doubled', () => {
    // crc of 2^k zero bytes, from that of 2^(k-1) twice; and 2^40 at once must agree with two halves
    let zeros = crc32(Buffer.alloc(1));
    for (let k = 0; k < 45; k++) zeros = combineCrc32(zeros, zeros, 2 ** k);
    let other = crc32(Buffer.alloc(2 ** 20));
    for (let k = 20; k < 45; k++) other = combineCrc32(other, other, 2 ** k);
    expect(zeros).toBe(other);
  });
});
