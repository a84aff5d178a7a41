import type { CellCounts } from '../../src/density/cells.ts';
import { FINE_BITS, fineEntry, fineGrid } from '../../src/density/fine-cells.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { countBits } from './counting.ts';
import type { Labelled } from './streams.ts';

/** Counts float32 logits, or what another scale has in their place, as a run for windows does; the fine cells one sample at a time. */
export function countForWindows({ logits, codes }: Labelled, bits = FINE_BITS, scale = LOGITS): CellCounts {
  const words = new Uint32Array(logits.buffer, logits.byteOffset, logits.length);
  const counts = countBits(30, words, codes, scale);
  const grid = fineGrid(bits, scale);
  const fine = new Float64Array(2 * grid.stride);
  for (let i = 0; i < logits.length; i++) {
    if (codes[i] === 2) continue;
    const entry = fineEntry(grid, codes[i] === 1 ? (words[i] ^ 0x8000_0000) >>> 0 : words[i]);
    if (entry !== undefined) fine[entry]++;
  }
  return { ...counts, fine: { bits, counts: fine } };
}
