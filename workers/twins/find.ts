import type { Kernels } from '../kernel-interface.ts';
import { IGNORED, type ScalarMemory } from './tables.ts';

/** Definition of the search for the hardest samples. */
export function scalarFinding(memory: ScalarMemory): Pick<Kernels, 'findAtOrAbove'> {
  return {
    findAtOrAbove(x, codes, n, least, to) {
      let found = 0;
      for (let i = 0; i < n; i++) {
        const code = memory.u8[codes + i];
        const value = memory.f32(x + 4 * i);
        if (code !== IGNORED && (code === 1 ? -value : value) >= Math.fround(least)) {
          memory.setU32(to + 4 * found++, i);
        }
      }
      return found;
    },
  };
}
