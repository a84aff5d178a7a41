import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { apply, type CocoReweightOptions, histogram, merge, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { readFloats } from './npy-data.ts';
import { failure } from './small-place.ts';

const FILES = fileURLToPath(new URL('../files/coco/', import.meta.url));

interface Entry {
  readonly image_id: number;
  readonly score: number;
  readonly ghm_weight: number;
  readonly ghm_gradient_norm: number | null;
}
const entriesOf = (path: string): Entry[] => JSON.parse(readFileSync(path, 'utf8'));

const given = (name: string, out: string): CocoReweightOptions => ({
  cocoResults: `${FILES}${name}.results.json`,
  cocoAnnotations: `${FILES}${name}.instances.json`,
  out,
});

describe('reweight of COCO results', () => {
  it.each(['bccd', 'crowds'])('%s: weights by the definition, in both outputs', async (name) => {
    const out = folderOf();
    const { cocoResults, cocoAnnotations } = given(name, out);
    const { exitCode, stdout } = await runGhm(
      ['reweight', '--coco-results', cocoResults, '--coco-annotations', cocoAnnotations, '--out', out, '--json'],
      out,
    );
    expect(exitCode).toBe(0);
    const matches: ({ gt: number; ignored: boolean } | null)[] = JSON.parse(
      readFileSync(`${FILES}${name}.matches.json`, 'utf8'),
    );
    const results = entriesOf(cocoResults);
    const norms = results.map(({ score }, i) => {
      const match = matches[i];
      if (match === null || match.ignored) return null;
      return match.gt === 0 ? score : 1 - score;
    });
    const counts = new Array<number>(30).fill(0);
    // a decimal score may be an edge: 1 - 0.9 is meant to be 0.1
    const regionOf = (norm: number) => Math.min(29, Math.floor(30 * norm + 1e-12));
    for (const norm of norms) if (norm !== null) counts[regionOf(norm)]++;
    const counted = norms.filter((norm) => norm !== null).length;
    const regions = counts.filter((count) => count > 0).length;
    const weights = norms.map((norm) =>
      norm === null ? 0 : Math.fround(counted / (counts[regionOf(norm)] * regions)),
    );

    const { density, samples, inputs, outputs } = JSON.parse(stdout);
    expect(density.counts).toEqual(counts);
    expect([samples, density.total]).toEqual([results.length, counted]);
    expect(inputs.map(({ path }: { readonly path: string }) => path)).toEqual([cocoResults, cocoAnnotations]);
    expect(outputs.map(({ path }: { readonly path: string }) => path)).toContain(`${name}.results.beta.json`);

    expect(readFloats(join(out, `${name}.results.beta.npy`))).toMatchObject({
      shape: [results.length],
      values: weights,
    });
    const written = entriesOf(join(out, `${name}.results.beta.json`));
    expect(written.map(({ ghm_weight }) => Math.fround(ghm_weight))).toEqual(weights);
    expect(written.map(({ ghm_gradient_norm }) => ghm_gradient_norm)).toEqual(norms);
    expect(written).toMatchObject(results);
    expect(Object.keys(treeOf(out)).sort()).toEqual(
      [`${name}.results.beta.json`, `${name}.results.beta.npy`, 'density.json', 'report.html', 'summary.json'].sort(),
    );
  });

  it('keeps every spelling of an entry, wherever its fields are and whatever else is in it', async () => {
    const truth = '{"images":[{"id":"a"}],"annotations":[],"categories":[{"id":1}]}';
    const entries = [
      '{"score":1E-1,"bbox":[0,-0.0,1.50e0,2],"image_id":"a","category_id":1.0}',
      '{\n  "bbox": [1, 2, 3, 4],\n  "extra": {"a]}\\"": [1e400, "\\u00e9é"]},\n  "image_id": "a", "category_id": 1, "score": 0\n}',
      '{"image_id":"a","category_id":1,"bbox":[0,0,0,0],"score":1 }',
    ];
    const folder = folderOf({ 'in/r.json': `\n[ ${entries.join(' ,\n\n')} ]`, 'in/i.json': truth });
    const at = (name: string): string => join(folder, name);
    await reweight({ cocoResults: at('in/r.json'), cocoAnnotations: at('in/i.json'), out: at('out') });
    // three samples in three regions: beta = 3 / (1 x 3)
    const added = ['0.1', '0', '1'].map((norm) => `, "ghm_weight": 1, "ghm_gradient_norm": ${norm}`);
    const expected = entries.map((text, i) => text.replace(/\s*\}$/, (end) => `${added[i]}${end}`));
    expect(readFileSync(at('out/r.beta.json'), 'utf8')).toBe(`[\n${expected.join(',\n')}\n]\n`);
  });

  it('does not depend on threads, and float16 weights are the same numbers in both outputs', async () => {
    const folder = folderOf();
    const at = (name: string): string => join(folder, name);
    await reweight({ ...given('crowds', at('one')), threads: 1, outputDtype: 'float16' });
    await reweight({ ...given('crowds', at('three')), threads: 3, outputDtype: 'float16' });
    expect(lastingOutputs(at('three'))).toEqual(lastingOutputs(at('one')));
    expect(entriesOf(at('one/crowds.results.beta.json')).map((entry) => Math.fround(entry.ghm_weight))).toEqual(
      readFloats(at('one/crowds.results.beta.npy')).values,
    );
  });

  it.each([{ outputDtype: 'code' }, { format: 'npz' }, { format: 'safetensors' }, { format: 'parquet' }] as const)(
    'has the same weights in its entries with %j',
    async (form) => {
      const folder = folderOf();
      const at = (name: string): string => join(folder, name);
      await reweight(given('crowds', at('plain')));
      await reweight({ ...given('crowds', at('other')), ...form });
      const [plain, other] = ['plain', 'other'].map((name) => treeOf(at(name))['crowds.results.beta.json']);
      expect(other).toBe(plain);
    },
  );

  it('weighs by windows too, the same with a partial', async () => {
    const folder = folderOf();
    const at = (name: string): string => join(folder, name);
    const window = { density: 'window', epsilon: 0.1 } as const;
    await reweight({ ...given('bccd', at('one')), ...window });
    const { density } = await reweight({ ...given('bccd', at('two')), ...window, threads: 1 });
    expect(density).toMatchObject({ method: 'window', total: 2050 });
    expect(lastingOutputs(at('two'))).toEqual(lastingOutputs(at('one')));
    const weights = readFloats(at('one/bccd.results.beta.npy')).values;
    expect(entriesOf(at('one/bccd.results.beta.json')).map((entry) => Math.fround(entry.ghm_weight))).toEqual(weights);
    expect(new Set(weights).size).toBeGreaterThan(100);
  });

  it('is histogram, merge of any parts by image, and apply', async () => {
    const folder = folderOf();
    const at = (name: string): string => join(folder, name);
    const whole = given('bccd', at('whole'));
    await reweight(whole);
    const entries = entriesOf(whole.cocoResults);
    for (const [name, part] of [
      ['even', entries.filter((entry) => entry.image_id % 2 === 0)],
      ['odd', entries.filter((entry) => entry.image_id % 2 === 1)],
    ] as const) {
      writeFileSync(at(`${name}.json`), JSON.stringify(part));
      await histogram({ ...whole, cocoResults: at(`${name}.json`), out: at(`${name}.ghm`) });
    }
    await merge({ partials: [at('even.ghm'), at('odd.ghm')], out: at('all.ghm') });
    await apply({ ...whole, density: at('all.ghm'), out: at('applied') });
    expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('whole')));
    await apply({ ...whole, density: at('whole/density.json'), out: at('again') });
    expect(lastingOutputs(at('again'))).toEqual(lastingOutputs(at('whole')));
    expect(Object.keys(treeOf(folder)).filter((name) => name.includes('.ghm-'))).toEqual([]);
  });

  it('with --dry-run reads and checks both files and writes nothing', async () => {
    const out = folderOf();
    const { cocoResults, cocoAnnotations } = given('bccd', out);
    const args = ['--coco-results', cocoResults, '--coco-annotations', cocoAnnotations, '--out', 'here', '--dry-run'];
    for (const command of ['reweight', 'histogram']) {
      const { exitCode, stdout } = await runGhm([command, ...args], out);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('2,050 rows, one target a sample');
      expect(stdout).toContain('dry run: the inputs were read whole and checked, nothing was written');
    }
    expect(treeOf(out)).toEqual({});
  });

  it('warns of what takes no part', async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    await reweight({ ...given('crowds', folderOf()), maxDets: 3, onWarning });
    const results = entriesOf(given('crowds', '').cocoResults);
    expect(warnings).toEqual([
      `${results.length - 30} detections are past the best 3 of their class and image: left out with weight 0, as COCOeval ` +
        'leaves them out; see --max-dets',
    ]);
  });

  it('that is aborted leaves nothing', async () => {
    const folder = folderOf();
    const controller = new AbortController();
    const run = (pass: string) =>
      failure(
        reweight({
          ...given('bccd', join(folder, 'new/out')),
          signal: controller.signal,
          onProgress: (progress) => {
            if (progress.pass === pass) controller.abort();
          },
        }),
      );
    for (const pass of ['read', 'write']) {
      expect((await run(pass)).exitCode).toBe(130);
      expect(treeOf(folder)).toEqual({});
    }
  });

  it('whose file changes on the way is an error', async () => {
    const folder = folderOf({ 'in/r.json': readFileSync(given('bccd', '').cocoResults) });
    const path = join(folder, 'in/r.json');
    const before = treeOf(folder);
    const { exitCode, message } = await failure(
      reweight({
        ...given('bccd', join(folder, 'out')),
        cocoResults: path,
        onProgress: ({ pass }) => {
          if (pass === 'count') writeFileSync(path, readFileSync(path));
        },
      }),
    );
    expect([exitCode, message]).toEqual([
      3,
      `${path}: the file changed during the run; run again when nothing writes to it`,
    ]);
    expect(treeOf(folder)).toEqual(before);
  });
});

describe('wrong usage', () => {
  const { cocoResults, cocoAnnotations } = given('bccd', '');
  it.each<[object, string]>([
    [{ cocoAnnotations: undefined }, '--coco-annotations: expected the JSON file of the ground truth, found nothing'],
    [{ cocoResults: undefined }, '--coco-results: expected the JSON file of the results, found nothing'],
    [
      { logits: 'x.npy' },
      '--logits: is for arrays, and --coco-results brings scores and labels itself: drop one of them',
    ],
    [{ iou: 1.5 }, '--iou: expected a number above 0 and up to 1, found 1.5'],
    [{ iou: 0 }, '--iou: expected a finite number above 0, found 0'],
    [{ maxDets: 0 }, '--max-dets: expected an integer from 1 to 1000000, found 0'],
    [{ bins: 0 }, '--bins: expected an integer from 1 to 10000, found 0'],
    [
      { format: 'parquet', keep: 'image_id' },
      '--keep: COCO results have no columns; bccd.results.beta.json keeps all fields of its entries',
    ],
    [{ binz: 3 }, 'reweight has no option "binz"; did you mean bins?'],
    [{ cocoResults: `${FILES}*.results.json` }, `--coco-results ${FILES}*.results.json: expected one file, found 2`],
    [
      { out: FILES },
      `--out ${FILES}: is the folder of the input ${cocoResults}. Write to a folder of its own, such as ${FILES}ghm`,
    ],
  ])('%j', async (options, message) => {
    const raw = { cocoResults, cocoAnnotations, out: 'nowhere', ...options };
    expect(await failure(reweight(raw as CocoReweightOptions))).toEqual({ exitCode: 2, message });
  });

  it('does not replace outputs without --force', async () => {
    const folder = folderOf({ 'bccd.results.beta.json': 'mine' });
    const { exitCode, message } = await failure(reweight(given('bccd', folder)));
    expect([exitCode, message]).toEqual([
      2,
      `${join(folder, 'bccd.results.beta.json')} exists already; use --force to replace it`,
    ]);
    await reweight({ ...given('bccd', folder), force: true });
    expect(entriesOf(join(folder, 'bccd.results.beta.json'))).toHaveLength(2050);
  });
});
