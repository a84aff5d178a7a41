import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { INTEGER_DTYPES } from '../../src/sources/source.ts';
import { folderOf } from '../sources/npy-files.ts';
import { lastingOutputs } from './folder-tree.ts';
import { naiveSets } from './naive-sets.ts';
import { npy, readFloats } from './npy-data.ts';
import { randomStream, uniform, writeStream } from './random-parts.ts';

/** Random streams of one dtype, each part with columns of its own. */
const streams = fc.record({
  stream: randomStream.map((stream) => ({
    ...stream,
    parts: stream.parts.map((part) => ({ ...part, logits: stream.parts[0].logits })),
  })),
  dtype: fc.constantFrom(...INTEGER_DTYPES),
  bigEndian: fc.boolean(),
  seed: fc.nat(),
  rowsPerBatch: fc.integer({ min: 1, max: 400 }),
  size: fc.integer({ min: 1, max: 3 }),
});
type Drawn = typeof streams extends fc.Arbitrary<infer T> ? T : never;

/** Ways to ask for sets. */
const MODES = ['class', 'group', 'rows', 'column'] as const;

/** A stream with a column `any` in no order and a column `image` in runs, no image in two parts. */
function write({ stream, dtype, bigEndian, seed, rowsPerBatch, size }: Drawn, mode: (typeof MODES)[number]) {
  const written = writeStream(stream);
  const random = uniform(seed);
  const rowSets: number[][] = [];
  let image = 0;
  const any: number[][] = [];
  const images: number[][] = [];
  let rowsBefore = 0;
  const shapes = written.naive.map(({ codes }, i) => {
    const { classes, targets } = stream.parts[i];
    const width = targets === 'index' ? classes + 1 : classes;
    return { width, rows: codes.length / width };
  });
  for (const [i, { rows }] of shapes.entries()) {
    any.push(Array.from({ length: rows }, () => Math.floor(random() * 5)));
    image++;
    images.push(Array.from({ length: rows }, (_, row) => (row > 0 && random() < 0.02 ? ++image : image)));
    for (const [name, values] of [
      ['any', any[i]],
      ['image', images[i]],
    ] as const) {
      writeFileSync(join(written.folder, `part${i}.${name}.npy`), npy(dtype, [rows], values, { bigEndian }));
    }
  }
  const groups = [...new Set(any.flat())].sort((a, b) => a - b);
  const batches = new Map([...new Set(images.flat())].map((value, i) => [value, Math.floor(i / size)]));
  const setsOf = shapes.map(({ rows, width }, i) => {
    const sets = Array.from({ length: rows * width }, (_, k) => {
      const row = Math.floor(k / width);
      if (mode === 'class') return k % width;
      if (mode === 'group') return groups.indexOf(any[i][row]);
      return mode === 'rows' ? Math.floor((rowsBefore + row) / rowsPerBatch) : (batches.get(images[i][row]) ?? -1);
    });
    rowsBefore += rows;
    return sets;
  });
  rowSets.push(...setsOf);
  const sets = setsOf.flat();
  const columnsOf = (part: string) => ({
    any: join(written.folder, `${part}.any.npy`),
    image: join(written.folder, `${part}.image.npy`),
  });
  const asked = {
    class: { group: 'class' },
    group: { group: 'any' },
    rows: { batch: `rows:${rowsPerBatch}` },
    column: { batch: 'column:image', batchSize: size },
  }[mode];
  const samples = {
    logits: written.naive.flatMap(({ logits }) => Array.from(logits)),
    codes: written.naive.flatMap(({ codes }) => Array.from(codes)),
    sets,
  };
  return { ...written, columnsOf, asked, samples, shapes, setCount: Math.max(...sets) + 1 };
}

const momentumOf = (mode: string): Partial<ReweightOptions> =>
  mode === 'rows' || mode === 'column' ? { momentum: 0.9 } : {};

describe.each(MODES)('sets by %s', (mode) => {
  const momentum = momentumOf(mode);

  it('counts and weights are those of the definition, in equal bytes for any threads and shard size', async () => {
    const circumstances = fc.record({
      threads: fc.constantFrom(1, 2, 3, 8),
      shardSamples: fc.integer({ min: 1, max: 500 }),
    });
    await fc.assert(
      fc.asyncProperty(streams, circumstances, async (drawn, { threads, shardSamples }) => {
        const { folder, options, columnsOf, asked, samples, setCount, shapes } = write(drawn, mode);
        fc.pre(samples.codes.some((code) => code < 2));
        const { bins } = drawn.stream;
        const given = { ...options, ...asked, ...momentum, bins, columns: columnsOf('part*') };
        const { density } = await reweight({ ...given, threads: 1, out: join(folder, 'plain') });
        const expected = naiveSets(samples, setCount, { bins, ...momentum });
        const found = density.groups ?? density.batches;
        expect(found?.total).toEqual(expected.sets.map(({ total }) => total));
        if (density.groups) {
          expect(density.groups.counts).toEqual(expected.sets.map(({ counts }) => counts));
          expect(density.groups.ignored).toEqual(expected.sets.map(({ ignored }) => ignored));
        }
        const weights = shapes.flatMap((_, i) => readFloats(join(folder, `plain/part${i}.logits.beta.npy`)).values);
        const wrong = weights.filter((weight, i) => Math.abs(weight - expected.weights[i]) > 1.2e-7 * weight);
        expect([weights.length, wrong]).toEqual([expected.weights.length, []]);
        expect(density.batches ?? density.groups).toBeDefined();

        await reweightInShards({ ...given, threads, out: join(folder, 'other') }, shardSamples);
        expect(lastingOutputs(join(folder, 'other'))).toEqual(lastingOutputs(join(folder, 'plain')));
      }),
      { numRuns: 3 },
    );
  });

  it('histogram of the parts, merge and apply write the bytes of reweight', async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (drawn) => {
        // batches of one part each are cut where the parts are
        const size = mode === 'column' ? 1 : drawn.size;
        const { folder, options, partOptions, columnsOf, asked, samples, naive, shapes } = write(
          { ...drawn, size, rowsPerBatch: 1 },
          mode,
        );
        fc.pre(naive.every(({ codes }) => Array.from(codes).some((code) => code < 2)) && samples.codes.length > 0);
        const at = (name: string): string => join(folder, name);
        const { bins } = drawn.stream;
        const all = { ...options, columns: columnsOf('part*') };
        await reweight({ ...all, ...asked, ...momentum, bins, out: at('whole') });
        for (const [i, part] of partOptions.entries()) {
          await histogram({ ...part, ...asked, columns: columnsOf(`part${i}`), bins, out: at(`${i}.ghm`) });
        }
        const partials = shapes.map((_, i) => at(`${i}.ghm`));
        await merge({ partials, out: at('sum.ghm') });
        await apply({ ...all, ...momentum, density: at('sum.ghm'), threads: 2, out: at('applied') });
        expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('whole')));
        if (mode !== 'class' && mode !== 'group') return;
        await apply({ ...all, density: at('whole/density.json'), out: at('again') });
        expect(lastingOutputs(at('again'))).toEqual(lastingOutputs(at('whole')));
      }),
      { numRuns: 2 },
    );
  });
});

describe('groups in no order', () => {
  const rows = 1_100_000;
  const random = uniform(5);
  const logits = Float32Array.from({ length: rows }, () => 12 * (random() - 0.8));
  const codes = Uint8Array.from({ length: rows }, () => Number(random() < 0.1));
  const values = Float64Array.from({ length: rows }, () => Math.floor(1000 * random()));

  it.each([
    ['close together', 1],
    ['far apart', 12_345_678],
  ])('%s, a value looked up for every row', async (_, factor) => {
    const folder = folderOf({
      'x.npy': npy('float32', [rows], logits),
      'y.npy': npy('uint8', [rows], codes),
      'c.npy': npy(
        'int64',
        [rows],
        values.map((value) => factor * value - 7),
      ),
    });
    const at = (name: string): string => join(folder, name);
    const given = { logits: at('x.npy'), labels: at('y.npy'), group: 'c', columns: { c: at('c.npy') }, bins: 10 };
    const { density } = await reweight({ ...given, out: at('out') });
    const expected = naiveSets({ logits, codes, sets: values }, 1000, { bins: 10 });
    expect(density.groups?.values).toEqual(Array.from({ length: 1000 }, (_, i) => factor * i - 7));
    expect(density.groups?.counts).toEqual(expected.sets.map(({ counts }) => counts));
    const { values: weights } = readFloats(at('out/x.beta.npy'));
    expect(weights.filter((weight, i) => Math.abs(weight - expected.weights[i]) > 1.2e-7 * weight)).toEqual([]);
  });
});
