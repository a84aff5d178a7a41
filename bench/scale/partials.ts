import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellCounts } from '../../src/density/cells.ts';
import { histogram } from '../../src/index.ts';
import { encodePartial } from '../../src/partial/partial-file.ts';
import { readPartial } from '../../src/partial/read.ts';

/** Different real partials; the thousands are copies of them, under numbers of their own. */
const REAL = 16;

/** Counts the shards of a stream, as `ghm histogram --shard` does. */
export async function realCounts(folder: string): Promise<CellCounts[]> {
  const counts: CellCounts[] = [];
  for (let i = 1; i <= REAL; i++) {
    const out = join(folder, `real-${i}.ghm`);
    const files = { logits: join(folder, '*.logits.npy'), labels: join(folder, '*.labels.npy') };
    await histogram({ ...files, shard: `${i}/${REAL}`, out });
    counts.push(await readPartial(out));
  }
  return counts;
}

/**
 * A folder of the partials of `parts` shards.
 *
 * @returns bytes of one, in the mean
 */
export function writePartials(folder: string, parts: number, real: readonly CellCounts[]): number {
  mkdirSync(folder);
  let bytes = 0;
  for (let i = 1; i <= parts; i++) {
    const path = join(folder, `${i}.ghm`);
    const shards = { of: parts, plan: 'bench', indices: [i] };
    writeFileSync(path, encodePartial({ ...real[i % real.length], shards }));
    bytes += statSync(path).size;
  }
  return bytes / parts;
}
