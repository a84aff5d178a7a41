import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { interrupted, usageError } from '../../src/errors.ts';
import { generate } from '../../src/generate/generate.ts';
import { parseNpyHeader } from '../../src/sources/npy/header.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghm-generate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The data of one array of the stream, part after part. */
function joined(out: string, array: string): Buffer {
  const names = readdirSync(out).filter((name) => name.endsWith(`.${array}.npy`));
  return Buffer.concat(
    names.sort().map((name) => {
      const file = readFileSync(join(out, name));
      return file.subarray(parseNpyHeader(file, name).dataOffset);
    }),
  );
}

const digests = (out: string): string[] =>
  readdirSync(out)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(out, name)))
          .digest('hex')}`,
    );

describe('files', () => {
  test('binary: one target a sample', async () => {
    const out = join(folder, 'made', 'deep');
    const summary = await generate({ samples: 100_001, out, threads: 1, samplesPerPart: 60_000, labelWeights: true });
    const { seconds, ...rest } = summary;
    expect(seconds).toBeGreaterThan(0);
    expect(rest).toEqual({
      files: [
        { path: 'part-00000.logits.npy', bytes: 240_128 },
        { path: 'part-00000.labels.npy', bytes: 60_128 },
        { path: 'part-00000.label_weights.npy', bytes: 240_128 },
        { path: 'part-00001.logits.npy', bytes: 160_132 },
        { path: 'part-00001.labels.npy', bytes: 40_129 },
        { path: 'part-00001.label_weights.npy', bytes: 160_132 },
      ],
      samples: 100_001,
      rows: 100_001,
      bytes: 900_777,
      seed: 0,
      form: 'binary',
      dtype: 'float32',
      classes: 1,
    });
    expect(readdirSync(out).sort()).toEqual(summary.files.map(({ path }) => path).sort());
    for (const { path, bytes } of summary.files) {
      const file = readFileSync(join(out, path));
      expect(file.length).toBe(bytes);
      const rows = path.startsWith('part-00000') ? 60_000 : 40_001;
      const dtype = path.includes('labels') ? 'uint8' : 'float32';
      expect(parseNpyHeader(file, path)).toEqual({ dtype, bigEndian: false, shape: [rows], dataOffset: 128 });
    }
  });

  test('index: one class a row', async () => {
    const summary = await generate({ samples: 1e6, out: folder, threads: 1, form: 'index', dtype: 'float16' });
    expect(summary).toMatchObject({ rows: 12_500, samples: 1e6, classes: 80, form: 'index', dtype: 'float16' });
    const shapes = summary.files.map(({ path }) => {
      const { dtype, shape } = parseNpyHeader(readFileSync(join(folder, path)), path);
      return { path, dtype, shape };
    });
    expect(shapes).toEqual([
      { path: 'part-00000.logits.npy', dtype: 'float16', shape: [12_500, 80] },
      { path: 'part-00000.labels.npy', dtype: 'int64', shape: [12_500] },
    ]);
    const data = joined(folder, 'labels');
    const labels = Array.from({ length: 12_500 }, (_, row) => Number(data.readBigInt64LE(8 * row)));
    expect(labels.every((label) => label >= 0 && label <= 80)).toBe(true);
    const foreground = labels.filter((label) => label < 80).length / labels.length;
    expect(foreground).toBeGreaterThan(0.002);
    expect(foreground).toBeLessThan(0.015);
  });
});

describe('the same seed gives', () => {
  const options = { samples: 20_000_000, seed: 9, samplesPerPart: 12_000_000, labelWeights: true } as const;

  test('the same bytes with any number of threads', async () => {
    const [one, three] = [join(folder, 'one'), join(folder, 'three')];
    await generate({ ...options, out: one, threads: 1 });
    await generate({ ...options, out: three, threads: 3 });
    expect(digests(three)).toEqual(digests(one));
  });

  test.each(['binary', 'index'] as const)('the same stream with any size of parts, form %s', async (form) => {
    const [whole, cut, longer] = [join(folder, 'whole'), join(folder, 'cut'), join(folder, 'longer')];
    await generate({ samples: 400_000, out: whole, form, threads: 1, labelWeights: true });
    await generate({ samples: 400_000, out: cut, form, threads: 2, labelWeights: true, samplesPerPart: 33_333 });
    await generate({ samples: 500_000, out: longer, form, threads: 1, labelWeights: true });
    expect(readdirSync(cut).length).toBeGreaterThan(30);
    for (const array of ['logits', 'labels', 'label_weights']) {
      const expected = joined(whole, array);
      expect(joined(cut, array).equals(expected), array).toBe(true);
      expect(joined(longer, array).subarray(0, expected.length).equals(expected), array).toBe(true);
    }
  });

  test('and another seed another stream', async () => {
    await generate({ samples: 1000, out: join(folder, 'a'), seed: 1, threads: 1 });
    await generate({ samples: 1000, out: join(folder, 'b'), seed: 2, threads: 1 });
    expect(joined(join(folder, 'a'), 'logits').equals(joined(join(folder, 'b'), 'logits'))).toBe(false);
  });
});

describe('parts that exist', () => {
  test('are wrong usage without force, before anything is written', async () => {
    writeFileSync(join(folder, 'part-00007.labels.npy'), 'old');
    await expect(generate({ samples: 10, out: folder, threads: 1 })).rejects.toEqual(
      usageError(
        `--out: ${folder} already holds part-00007.labels.npy; choose another folder, or --force to replace its parts`,
      ),
    );
    expect(readdirSync(folder)).toEqual(['part-00007.labels.npy']);
  });

  test('are all replaced with force; other files stay', async () => {
    await generate({ samples: 1000, out: folder, threads: 1, samplesPerPart: 300, labelWeights: true });
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await generate({ samples: 500, out: folder, threads: 1, samplesPerPart: 300, force: true });
    expect(readdirSync(folder).sort()).toEqual([
      'notes.txt',
      'part-00000.labels.npy',
      'part-00000.logits.npy',
      'part-00001.labels.npy',
      'part-00001.logits.npy',
    ]);
  });

  test('cannot be looked for in a file', async () => {
    const out = join(folder, 'file');
    writeFileSync(out, '');
    await expect(generate({ samples: 10, out })).rejects.toEqual(
      usageError(`--out: ${out} is not a folder; choose another name`),
    );
  });
});

describe('nothing is left', () => {
  test('when the caller aborts in the middle', async () => {
    const out = join(folder, 'new', 'deeper');
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const run = generate({ samples: 60_000_000, out, threads: 2, signal: controller.signal, onProgress });
    await expect(run).rejects.toEqual(interrupted());
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  test('when the caller aborted before', async () => {
    const out = join(folder, 'new');
    await expect(generate({ samples: 10, out, signal: AbortSignal.abort() })).rejects.toEqual(interrupted());
    expect(existsSync(out)).toBe(false);
  });

  test('when a worker fails, but for what was there', async () => {
    mkdirSync(join(folder, 'here'));
    writeFileSync(join(folder, 'here', 'part-00000.labels.npy'), 'old');
    // after the first range: take the temporary files away from the worker
    const onProgress = () => {
      for (const name of readdirSync(join(folder, 'here'))) {
        if (name.includes('.tmp-')) rmSync(join(folder, 'here', name));
      }
    };
    const out = join(folder, 'here');
    const run = generate({ samples: 40_000_000, out, threads: 1, force: true, onProgress });
    await expect(run).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(`${out}: ENOENT`) });
    expect(readdirSync(out)).toEqual(['part-00000.labels.npy']);
  });

  test('when there is no room', async () => {
    const out = join(folder, 'new');
    const run = generate({ samples: 2 ** 47, samplesPerPart: 2 ** 46, out });
    await expect(run).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /new: the stream has 703687441777\d+ bytes, and \d+ are free; ask for fewer --samples$/,
      ),
    });
    expect(existsSync(out)).toBe(false);
  });
});

test('progress rises to the samples of the stream', async () => {
  const seen: [number, number][] = [];
  const onProgress = (done: number, total: number) => seen.push([done, total]);
  await generate({ samples: 20_000_000, out: folder, threads: 2, onProgress });
  expect(seen.length).toBe(3);
  expect(seen.every(([done], i) => i === 0 || done > (seen[i - 1]?.[0] ?? 0))).toBe(true);
  expect(seen.at(-1)).toEqual([20_000_000, 20_000_000]);
});
