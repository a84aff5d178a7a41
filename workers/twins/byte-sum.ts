import type { Kernels } from '../kernel-interface.ts';
import type { ScalarMemory } from './tables.ts';

/** The sum of bytes, one at a time. */
export function scalarByteSum({ u8 }: ScalarMemory): Pick<Kernels, 'byteSum'> {
  return {
    byteSum(x, n, word, skip) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const place = skip + i;
        const weight = 2 * (word + Math.floor(place / 4)) + 1;
        sum = (sum + Math.imul(u8[x + i] << (8 * (place % 4)), weight)) | 0;
      }
      return sum;
    },
  };
}
