import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import { type Place, placeOfBits } from '../../src/density/ordered-bits.ts';
import { pieceAt } from '../../src/density/window-table.ts';
import { apply, histogram, reweight } from '../../src/index.ts';
import { float32Of, hasRealData, npzMember, REAL } from '../real-data.ts';
import { lastingOutputs } from './folder-tree.ts';

describe.skipIf(!hasRealData)('1.98 million real logits, by windows', () => {
  const at = (name: string): string => join(REAL, name);
  const input = { logits: at('logits.npy'), labels: at('labels.npy'), labelWeights: at('label_weights.npy') };
  const folder = mkdtempSync(join(tmpdir(), 'ghm-real-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const out = (name: string): string => join(folder, name);

  it('every true beta of epsilon 0.1 lies within the bound of its sample, the largest below 2 %, the mean below 0.02 %', async () => {
    const { density } = await reweight({ ...input, density: 'window', epsilon: 0.1, out: out('a') });
    const bounds = density.window?.errorBound;
    expect(bounds?.max).toBeLessThan(0.02);
    expect(bounds?.mean).toBeLessThan(0.0002);

    const { pieces } = JSON.parse(readFileSync(out('a/density.json'), 'utf8')).window;
    const places = Uint32Array.from(pieces.from, (bits: number): Place => placeOfBits(bits));
    const logits = float32Of(readFileSync(input.logits));
    const labels = readFileSync(input.labels);
    const labelsAt = 10 + labels.readUInt16LE(8);
    const exact = float32Of(npzMember(at('beta.npz'), 'beta_exact_eps0.1'));
    const weights = float32Of(readFileSync(out('a/logits.beta.npy')));
    let beyond = 0;
    for (const [i, x] of logits.entries()) {
      const positive = labels.readInt32LE(labelsAt + 8 * Math.floor(i / 3)) === i % 3;
      const bound = pieces.errorBound[pieceAt(places, placeOfBits(bitsOfFloat32(positive ? -x : x)))];
      // both are rounded to float32
      const isIgnored = exact[i] === 0 && weights[i] === 0;
      if (!isIgnored && !(Math.abs(exact[i] / weights[i] - 1) <= bound + 2e-7)) beyond++;
    }
    expect(beyond).toBe(0);
  });

  it.each([
    [0.1, 1.0237018437529617],
    [1 / 30, 1.0065692499875478],
  ])('the mean loss of epsilon %d is the golden one to 1e-4, from a partial too', async (epsilon, loss) => {
    const { density } = await reweight({ ...input, density: 'window', epsilon, out: out(`w${epsilon}`) });
    expect(Math.abs((density.loss.ghmc ?? 0) / loss - 1)).toBeLessThan(1e-4);
    expect(density.window?.errorBound.max).toBeLessThan(0.02);
    expect(density.window?.errorBound.mean).toBeLessThan(0.0002);
    const partial = out(`p${epsilon}.ghm`);
    await histogram({ ...input, density: 'window', out: partial });
    await apply({ ...input, density: partial, method: 'window', epsilon, out: out(`o${epsilon}`) });
    expect(lastingOutputs(out(`o${epsilon}`))).toEqual(lastingOutputs(out(`w${epsilon}`)));
  });
});
