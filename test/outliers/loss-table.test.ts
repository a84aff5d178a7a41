import { describe, expect, it } from 'vitest';
import { bitsOfFloat32, float16OfBits, float32OfBits } from '../../src/density/cell-values.ts';
import { unweightedLoss } from '../../src/density/loss.ts';
import { placeOfBits } from '../../src/density/ordered-bits.ts';
import { LOGITS, type Scale } from '../../src/density/scale.ts';
import { LossTable } from '../../workers/loss-table.ts';
import { seeded } from '../kernels/implementations.ts';

const BOXES: Scale = { task: 'regression', mu: 0.02 };

describe.each([LOGITS, BOXES])('losses of %j', (scale) => {
  const lossAt = (z: number) => unweightedLoss(scale)(z, false);
  const lowest = scale === BOXES ? 0 : -32;

  it('are within 1e-5 of the loss of float32', () => {
    const table = new LossTable('float32', scale);
    const next = seeded(3);
    const wrong: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const z = Math.fround(lowest + ((100 - lowest) * next()) / 2 ** 32);
      const loss = lossAt(z);
      if (Math.abs(table.at(bitsOfFloat32(z)) - loss) > 1e-5 * loss) wrong.push(z);
    }
    expect(wrong).toEqual([]);
  });

  it('are exact for numbers of 16 bits, and at the ends', () => {
    const wrong: number[] = [];
    const [wide, half] = [new LossTable('float32', scale), new LossTable('float16', scale)];
    for (let bits = 0; bits <= 0x7c00; bits++) {
      for (const signed of scale === BOXES ? [bits] : [bits, bits + 0x8000]) {
        const z = float16OfBits(signed);
        const isRight = half.at(signed) === lossAt(z) && half.placeOf(signed) === placeOfBits(bitsOfFloat32(z));
        if (!isRight || wide.at(bitsOfFloat32(z)) !== lossAt(z)) wrong.push(z);
      }
    }
    expect(wrong).toEqual([]);
    expect(wide.at(0x7f80_0000)).toBe(Infinity);
    const largest = float32OfBits(0x7f7f_ffff);
    expect(wide.at(0x7f7f_ffff)).toBe(lossAt(largest));
  });
});
