import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GhmError } from '../../../src/errors.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { npy } from '../../run/npy-data.ts';
import { uniform } from '../../run/random-parts.ts';
import { folderOf } from '../npy-files.ts';
import { rowsOf } from '../rows-of.ts';
import { npz } from '../zip-files.ts';

const ARRAYS = {
  logits: npy(
    'float32',
    [20, 2],
    Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  ),
  labels: npy(
    'int8',
    [20],
    Array.from({ length: 20 }, (_, i) => i % 3),
  ),
};
const FLIPS = 500;
/** All there is in an archive, as a run gets it, or `refused`. Anything else that is thrown is a defect. */
async function contentOf(path: string, archive: Uint8Array): Promise<string> {
  writeFileSync(path, archive);
  try {
    const { keys, open } = await openFile({ path, name: 'x.npz' });
    const arrays: string[] = [];
    for (const key of keys) {
      const source = await open(key);
      const rows = await rowsOf(source);
      arrays.push(`${source.dtype} ${source.bigEndian} [${source.shape.join()}] ${rows.toString('hex')}`);
    }
    return arrays.join('\n');
  } catch (error) {
    if (error instanceof GhmError && error.exitCode === 3 && /^x\.npz[:[]/.test(error.message)) return 'refused';
    throw error;
  }
}

describe.each([
  ['stored', npz(ARRAYS)],
  ['deflated', npz(ARRAYS, true)],
])('an archive of %s members', (kind, whole) => {
  it('that is cut off is refused, wherever', async () => {
    const path = join(folderOf(), 'x.npz');
    for (let bytes = 0; bytes < whole.length; bytes++) {
      expect(await contentOf(path, whole.subarray(0, bytes)), `${bytes} bytes`).toBe('refused');
    }
  });

  it('with a bit flipped is refused, or gives what it held; a stored member is taken as it is', async () => {
    const path = join(folderOf(), 'x.npz');
    const held = (await contentOf(path, whole)).split('\n');
    const members = Object.values(ARRAYS).map((array) => ({ from: whole.indexOf(array), bytes: array.length }));
    const random = uniform(20_261_126);
    let refused = 0;
    for (let round = 0; round < FLIPS; round++) {
      const at = Math.floor(random() * whole.length);
      const bit = Math.floor(random() * 8);
      const archive = Buffer.from(whole);
      archive[at] ^= 1 << bit;
      const content = await contentOf(path, archive);
      if (content === 'refused') refused++;
      else if (kind === 'deflated' || !members.some(({ from, bytes }) => at >= from && at < from + bytes)) {
        // a member whose name no longer ends in .npy is passed over
        expect(held, `bit ${bit} of byte ${at}`).toEqual(expect.arrayContaining(content.split('\n')));
      }
    }
    expect(refused).toBeGreaterThan(FLIPS / 20);
  });
});
