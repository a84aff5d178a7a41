import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, applyShard, finish, histogram, merge, reweight, verify } from '../../src/index.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { reweightInSteps } from './in-shards.ts';
import { naive } from './naive.ts';
import { npy } from './npy-data.ts';
import { randomStream, writeStream } from './random-parts.ts';
import { failure, place } from './small-place.ts';

it('gives the bytes of one reweight, for any number of shards', async () => {
  await fc.assert(
    fc.asyncProperty(randomStream, fc.constantFrom(1, 2, 3, 7), async (stream, n) => {
      const { folder, options, naive: parts } = writeStream(stream);
      fc.pre(naive(parts, stream).total > 0);
      const given = { ...options, bins: stream.bins, threads: 1 };
      const whole = await reweight({ ...given, out: join(folder, 'whole') });
      await histogram({ ...given, out: join(folder, 'whole.ghm') });
      const summary = await reweightInSteps({ ...given, out: '' }, n, join(folder, 'steps'));
      expect(readFileSync(join(folder, 'steps/all.ghm'), 'utf8')).toBe(readFileSync(join(folder, 'whole.ghm'), 'utf8'));
      expect(lastingOutputs(join(folder, 'steps/weights'))).toEqual(lastingOutputs(join(folder, 'whole')));
      const untimed = ({
        started,
        seconds,
        passes,
        sha256,
        out,
        outputs,
        options: { out: _, ...same },
        ...rest
      }: typeof whole) => ({
        ...rest,
        options: same,
        outputs: outputs.filter(({ path }) => path !== 'report.html'),
      });
      expect(untimed(summary)).toEqual(untimed(whole));
    }),
    { numRuns: 8 },
  );
});

describe('a shard that is run again', () => {
  it('is left as it is, and is replaced with force', async () => {
    const { at, input } = place();
    const counting = { ...input, shard: '1/2', out: at('c/1.ghm') };
    expect(await histogram(counting)).not.toHaveProperty('wasThere');
    expect(await histogram(counting)).toMatchObject({ wasThere: true, shards: { of: 2, indices: [1] } });
    await histogram({ ...input, shard: '2/2', out: at('c/2.ghm') });
    await merge({ partials: [at('c')], out: at('all.ghm') });
    const weighing = { ...input, density: at('all.ghm'), shard: '2/2', out: at('w') };
    expect(await applyShard(weighing)).not.toHaveProperty('wasThere');
    const before = treeOf(at('w'));
    expect(await applyShard(weighing)).toMatchObject({ wasThere: true, samples: 2 });
    expect(treeOf(at('w'))).toEqual(before);
    expect(await applyShard({ ...weighing, force: true })).not.toHaveProperty('wasThere');
    expect(readdirSync(at('w/shards'))).toEqual(['2-of-2']);
  });

  it('at the same time by several is there once, whole', async () => {
    const { at, input } = place();
    await histogram({ ...input, out: at('all.ghm') });
    const same = { ...input, density: at('all.ghm'), shard: '1/1', out: at('w') };
    const counting = { ...input, shard: '1/1', out: at('c.ghm') };
    await Promise.all([1, 2, 3].flatMap(() => [applyShard(same), histogram(counting)]));
    expect(readdirSync(at('w/shards'))).toEqual(['1-of-1']);
    await Promise.all([1, 2, 3].map(() => finish({ out: at('w') })));
    await reweight({ ...input, out: at('whole') });
    expect(lastingOutputs(at('w'))).toEqual(lastingOutputs(at('whole')));
    const before = treeOf(at('w'));
    const warnings: string[] = [];
    const again = await finish({ out: at('w'), onWarning: (message) => warnings.push(message) });
    expect([again.samples, warnings]).toEqual([6, [`${at('w')}: was finished before, nothing is left to do`]]);
    expect(treeOf(at('w'))).toEqual(before);
    expect((await verify({ files: [at('w')] })).damage).toEqual([]);
  });

  it('is finished whole, whenever another that finishes it takes the shards away', async () => {
    const { at, input } = place();
    await histogram({ ...input, out: at('all.ghm') });
    const late = Array.from({ length: 16 }, (_, i) => 2 * i);
    for (const ms of late) {
      const out = at(`w${ms}`);
      await applyShard({ ...input, density: at('all.ghm'), shard: '1/1', out });
      await Promise.all([finish({ out }), setTimeout(ms).then(() => finish({ out }))]);
      expect(readdirSync(out).sort()).toEqual(['density.json', 'report.html', 'summary.json', 'x.beta.npy']);
    }
  });

  it('leaves nothing where the removal of the shards was interrupted', async () => {
    const { at, input } = place();
    await histogram({ ...input, out: at('all.ghm') });
    await applyShard({ ...input, density: at('all.ghm'), shard: '1/1', out: at('w') });
    await finish({ out: at('w') });
    const before = treeOf(at('w'));
    mkdirSync(at('w/.shards-removed/1-of-1'), { recursive: true });
    await finish({ out: at('w'), onWarning: () => {} });
    expect(treeOf(at('w'))).toEqual(before);
  });

  it('for other options, or of other inputs, is refused', async () => {
    const { at, input } = place();
    await histogram({ ...input, shard: '1/2', out: at('1.ghm') });
    const other = { exitCode: 2, message: `${at('1.ghm')} exists already; use --force to replace it` };
    expect(await failure(histogram({ ...input, shard: '1/2', bins: 7, out: at('1.ghm') }))).toEqual(other);
    expect(await failure(histogram({ ...input, shard: '2/2', out: at('1.ghm') }))).toEqual(other);
    await histogram({ ...input, out: at('all.ghm') });
    const weighing = { ...input, density: at('all.ghm'), shard: '1/2', out: at('w') };
    await applyShard(weighing);
    expect(await failure(applyShard({ ...weighing, maxWeight: 2 }))).toEqual({
      exitCode: 2,
      message: `${at('w/shards/1-of-2')}: exists already, and is of other inputs, weights or formats; use --force to replace it`,
    });
  });
});

describe('shards that are missing or do not belong together', () => {
  async function counted() {
    const { at, input } = place();
    for (const i of [1, 2, 3]) await histogram({ ...input, shard: `${i}/3`, out: at(`c/${i}.ghm`) });
    return { at, input };
  }

  it('merge of a folder names what is missing; merged files may be merged again', async () => {
    const { at, input } = await counted();
    await merge({ partials: [at('c/3.ghm'), at('c/1.ghm')], out: at('d/some.ghm') });
    expect(await failure(merge({ partials: [at('d')], out: at('all.ghm') }))).toEqual({
      exitCode: 3,
      message: `${at('d')}: holds shards 1, 3 of 3; expected all of them. Missing: shard 2, which ghm histogram --shard makes`,
    });
    expect(await failure(apply({ ...input, density: at('d/some.ghm'), out: at('w') }))).toEqual({
      exitCode: 3,
      message: `${at('d/some.ghm')}: counts shards 1, 3 of 3 alone; expected all of them: merge it with shard 2`,
    });
    await merge({ partials: [at('d/some.ghm'), at('c/2.ghm')], out: at('all.ghm') });
    await histogram({ ...input, out: at('whole.ghm') });
    expect(readFileSync(at('all.ghm'), 'utf8')).toBe(readFileSync(at('whole.ghm'), 'utf8'));
  });

  it('a shard twice, shards beside other counts, an output among the inputs', async () => {
    const { at, input } = await counted();
    writeFileSync(at('c/again.ghm'), readFileSync(at('c/2.ghm')));
    expect(await failure(merge({ partials: [at('c')], out: at('all.ghm') }))).toEqual({
      exitCode: 3,
      message: `${at('c/again.ghm')}: holds shard 2 of 3, which ${at('c/2.ghm')} holds too`,
    });
    await histogram({ ...input, out: at('day.ghm') });
    expect(await failure(merge({ partials: [at('c/1.ghm'), at('day.ghm')], out: at('all.ghm') }))).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(
        `${at('c/1.ghm')}: holds shard 1 of 3, without shards 2, 3, and others hold counts`,
      ),
    });
    expect(await failure(merge({ partials: [at('c')], out: at('c/all.ghm') }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`--out ${at('c/all.ghm')}: lies in ${at('c')}, whose partials are added`),
    });
  });

  it('finish names the shards that are missing, and leaves the others', async () => {
    const { at, input } = await counted();
    await merge({ partials: [at('c')], out: at('all.ghm') });
    expect(await failure(finish({ out: at('w') }))).toEqual({
      exitCode: 3,
      message: `${at('w')}: holds no shards; expected the folder that ghm apply --shard i/n wrote all of its shards into`,
    });
    for (const i of [1, 3]) await applyShard({ ...input, density: at('all.ghm'), shard: `${i}/3`, out: at('w') });
    const before = treeOf(at('w'));
    expect(await failure(finish({ out: at('w') }))).toEqual({
      exitCode: 3,
      message: `${at('w/shards')}: holds 2 of 3 shards. Missing: shard 2, which ghm apply --shard makes`,
    });
    expect(treeOf(at('w'))).toEqual(before);
    await applyShard({ ...input, density: at('all.ghm'), shard: '2/3', out: at('w'), maxWeight: 1 });
    expect(await failure(finish({ out: at('w') }))).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('were weighed by different densities, or are of different formats'),
    });
  });

  it('finish compares what it copies, and the inputs, with what the shards had', async () => {
    const { at, input } = await counted();
    await merge({ partials: [at('c')], out: at('all.ghm') });
    for (const i of [1, 2, 3]) await applyShard({ ...input, density: at('all.ghm'), shard: `${i}/3`, out: at('w') });
    const piece = at('w/shards/2-of-3/x.beta.npy.rows');
    const good = readFileSync(piece);
    writeFileSync(
      piece,
      good.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
    );
    expect(await failure(finish({ out: at('w') }))).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/2-of-3\/x\.beta\.npy\.rows: 8 bytes with CRC-32 .*\. Make that shard again/),
    });
    expect(existsSync(at('w/density.json'))).toBe(false);
    writeFileSync(piece, good);
    const record = at('w/shards/1-of-3/shard.json');
    const whole = readFileSync(record, 'utf8');
    writeFileSync(record, whole.replace('"samples": 2', '"samples": 3'));
    expect(await failure(finish({ out: at('w') }))).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/1-of-3\/shard\.json: damaged: its checksum is .*; make the shard again/),
    });
    writeFileSync(record, whole);
    writeFileSync(at('in/y.npy'), npy('int16', [3], [2, 0, 1]));
    expect(await failure(finish({ out: at('w') }))).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('the inputs changed since its shards were weighed'),
    });
  });
});
