import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { lastingOutputs } from './folder-tree.ts';
import { edgesOf, naive, regionOf } from './naive.ts';
import { npy, readFloats } from './npy-data.ts';
import { randomStream, uniform, writeStream } from './random-parts.ts';

const allIgnored = ({ codes }: { readonly codes: ArrayLike<number> }): boolean =>
  Array.from(codes).every((code) => code === 2);

describe('histogram of the parts, merged, then apply', () => {
  it('gives the bytes of reweight of the whole, in any order and any nesting', async () => {
    await fc.assert(
      fc.asyncProperty(randomStream, fc.infiniteStream(fc.nat()), async (stream, order) => {
        const { folder, options, partOptions, naive: parts } = writeStream(stream);
        fc.pre(!parts.some(allIgnored));
        const at = (name: string): string => join(folder, name);
        await reweight({ ...options, bins: stream.bins, out: at('whole') });

        const partials: string[] = [];
        for (const [i, part] of partOptions.entries()) {
          await histogram({ ...part, bins: stream.bins, out: at(`${i}.ghm`) });
          partials.splice((order.next().value ?? 0) % (partials.length + 1), 0, at(`${i}.ghm`));
        }
        await merge({ partials, out: at('flat.ghm') });
        const [first, ...rest] = partials;
        let nested = first;
        for (const [i, partial] of rest.entries()) {
          await merge({ partials: [partial, nested], out: at(`nested${i}.ghm`) });
          nested = at(`nested${i}.ghm`);
        }
        // one partial alone has the cells of its own file; merged ones those of the whole
        if (rest.length > 0) expect(readFileSync(nested, 'utf8')).toBe(readFileSync(at('flat.ghm'), 'utf8'));
        await apply({ ...options, density: at('flat.ghm'), out: at('applied') });
        expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('whole')));
        await apply({ ...options, density: at('whole/density.json'), out: at('again'), threads: 3 });
        expect(lastingOutputs(at('again'))).toEqual(lastingOutputs(at('whole')));
      }),
      { numRuns: 6 },
    );
  });

  it('gives the counts of one histogram of everything', async () => {
    const [stream] = fc.sample(
      randomStream.filter(({ parts }) => parts.length === 4),
      { numRuns: 1, seed: 3 },
    );
    const { folder, options, partOptions } = writeStream({ ...stream, nan: false });
    await histogram({ ...options, out: join(folder, 'all.ghm') });
    for (const [i, part] of partOptions.entries()) await histogram({ ...part, out: join(folder, `p${i}.ghm`) });
    const summary = await merge({ partials: [join(folder, 'p?.ghm')], out: join(folder, 'sum.ghm') });
    expect(readFileSync(join(folder, 'sum.ghm'), 'utf8')).toBe(readFileSync(join(folder, 'all.ghm'), 'utf8'));
    expect(summary.bytes).toBe(readFileSync(join(folder, 'sum.ghm')).length);
  });
});

describe('other bins than those counted', () => {
  const random = uniform(11);
  const logits = Float32Array.from({ length: 20_000 }, () => 12 * (random() - 0.7));
  const codes = Array.from(logits, () => Number(random() < 0.1));
  const files = { 'x.npy': npy('float32', [20_000], logits), 'y.npy': npy('uint8', [20_000], codes) };

  it.each([7, 31, 1000])('%i: counts within the certified uncertainty, weights by the exact edges', async (bins) => {
    const folder = folderOf(files);
    const at = (name: string): string => join(folder, name);
    const input = { logits: at('x.npy'), labels: at('y.npy') };
    await histogram({ ...input, bins: 30, out: at('p.ghm') });
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const { density } = await apply({ ...input, bins, density: at('p.ghm'), out: at('out'), onWarning });

    const exact = naive([{ logits, codes }], { bins });
    const misplaced = density.counts.reduce((sum, count, j) => sum + Math.abs(count - exact.counts[j]), 0) / 2;
    expect(density.countsUncertain).toBeGreaterThan(0);
    expect(misplaced).toBeLessThanOrEqual(density.countsUncertain ?? 0);
    expect(density.total).toBe(20_000);
    expect(warnings.join()).toContain(`at most ${density.countsUncertain} samples`);

    const edges = edgesOf(bins);
    const weights = Array.from(logits, (x, i) => density.beta[regionOf(codes[i] === 1 ? -x : x, edges)]);
    expect(readFloats(at('out/x.beta.npy')).values).toEqual(weights.map(Math.fround));
  });

  it('says nothing of uncertainty where there is none', async () => {
    const folder = folderOf(files);
    const at = (name: string): string => join(folder, name);
    const input = { logits: at('x.npy'), labels: at('y.npy') };
    await histogram({ ...input, bins: 30, out: at('p.ghm') });
    const { density } = await apply({ ...input, bins: 10, density: at('p.ghm'), out: at('out') });
    expect(density.counts).toEqual(naive([{ logits, codes }], { bins: 10 }).counts);
    expect('countsUncertain' in density).toBe(false);
  });
});

describe('partials that do not belong together or are damaged', () => {
  const files = { 'x.npy': npy('float32', [3], [-1, 0, 1]), 'y.npy': npy('uint8', [3], [0, 1, 0]) };
  const bad = async (act: Promise<unknown>): Promise<string> => {
    const error = await act.then(
      () => new Error('done'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: 'GhmError', exitCode: 3 });
    return error.message;
  };

  async function twoPartials() {
    const folder = folderOf(files);
    const at = (name: string): string => join(folder, name);
    const input = { logits: at('x.npy'), labels: at('y.npy') };
    await histogram({ ...input, bins: 30, out: at('p30.ghm') });
    await histogram({ ...input, bins: 7, out: at('p7.ghm') });
    return { at, input };
  }

  it('different bins', async () => {
    const { at } = await twoPartials();
    const message = await bad(merge({ partials: [at('p30.ghm'), at('p7.ghm')], out: at('m.ghm') }));
    expect(message).toMatch(/p7\.ghm.*7 regions.*p30\.ghm.*30|p30\.ghm.*30 regions.*p7\.ghm.*7/);
  });

  it('a density.json, an .npy, a changed digit, a cut end', async () => {
    const { at, input } = await twoPartials();
    await reweight({ ...input, out: at('out') });
    expect(await bad(merge({ partials: [at('out/density.json')], out: at('m.ghm') }))).toContain('density.json');
    expect(await bad(merge({ partials: [at('x.npy')], out: at('m.ghm') }))).toContain('x.npy');
    const text = readFileSync(at('p30.ghm'), 'utf8');
    mkdirSync(at('bad'));
    for (const [name, content] of [
      ['digit', text.replace('"total":3', '"total":4')],
      ['end', text.slice(0, -20)],
      ['empty', '[]'],
    ]) {
      const folder = folderOf({ 'bad.ghm': content });
      copyFileSync(join(folder, 'bad.ghm'), at(`bad/${name}.ghm`));
      expect(await bad(merge({ partials: [at(`bad/${name}.ghm`)], out: at('m.ghm') }))).toContain(`${name}.ghm`);
      const density = at(`bad/${name}.ghm`);
      expect(await bad(apply({ ...input, density, out: at('applied') }))).toContain(`${name}.ghm`);
    }
  });

  it('a density.json takes no density options', async () => {
    const { at, input } = await twoPartials();
    await reweight({ ...input, out: at('out') });
    const again = apply({ ...input, density: at('out/density.json'), bins: 10, out: at('again') });
    await expect(again).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('--bins') });
  });
});
