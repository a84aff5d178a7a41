import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apply, histogram, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { halfBits, halfValue, npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

const N = 20_000;
const random = uniform(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const halves = Array.from({ length: N }, () => halfValue(halfBits(-4 + 2 * normal())));
const short = (value: number): number => {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return new Float32Array(Uint32Array.of((bits & 0xffff_0000) >>> 0).buffer)[0];
};
const labels = Array.from({ length: N }, () => Number(random() < 0.05));

/** Mean cross-entropy over the samples themselves. */
const meanOf = (logits: readonly number[]): number =>
  logits.reduce((sum, x, i) => sum + Math.log1p(Math.exp(labels[i] === 1 ? -x : x)), 0) / logits.length;

it.each([
  // eight numbers a cell: what is left is chance
  ['float16', halves, 2e-4],
  ['bfloat16', halves.map(short), 1e-9],
])(
  'numbers that were %s once have the mean losses of those, not of spread ones, in a partial too',
  async (_, logits, error) => {
    const folder = folderOf({ 'x.npy': npy('float32', [N], logits), 'y.npy': npy('uint8', [N], labels) });
    const at = (name: string) => join(folder, name);
    const stream = { logits: at('x.npy'), labels: at('y.npy') };
    const { density } = await reweight({ ...stream, out: at('out') });
    const expected = meanOf(logits);
    expect(Math.abs(Number(density.loss.ce) - expected)).toBeLessThanOrEqual(
      Number(density.lossErrorBound?.ce) + 1e-12,
    );
    expect(Math.abs(Number(density.loss.ce) / expected - 1)).toBeLessThan(error);

    await histogram({ ...stream, out: at('partial') });
    const applied = await apply({ ...stream, density: at('partial'), out: at('again') });
    expect(applied.density).toEqual(density);
  },
);

it('a single number of the full width ends that', async () => {
  const logits = [...halves.slice(1), -4.123456];
  const folder = folderOf({ 'x.npy': npy('float32', [N], logits), 'y.npy': npy('uint8', [N], labels) });
  const { density } = await reweight({
    logits: join(folder, 'x.npy'),
    labels: join(folder, 'y.npy'),
    out: join(folder, 'out'),
  });
  const error = Math.abs(Number(density.loss.ce) - meanOf(logits));
  expect(error).toBeLessThan(Number(density.lossErrorBound?.ce));
  expect(error / meanOf(logits)).toBeGreaterThan(1e-4);
});
