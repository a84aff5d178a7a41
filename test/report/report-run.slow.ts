import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellCounts } from '../../src/density/cells.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import type { ReportOptions } from '../../src/index.ts';
import { encodePartial } from '../../src/partial/partial-file.ts';
import { report } from '../../src/run/report.ts';
import { runGhm, SAMPLE } from '../run/command.ts';
import { bccdCounts, bccdGolden, countSamples } from './sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-report-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = async (options: ReportOptions): Promise<string> => {
  await report(options);
  return readFileSync(options.out, 'utf8');
};
const titlesOf = (text: string) =>
  [...parseHTML(text).document.querySelectorAll('figure h2')].map((title) => title.textContent);

const bodyOf = (text: string): string => parseHTML(text).document.body.textContent ?? '';

beforeAll(() => {
  const counts = bccdCounts(30);
  writeFileSync(at('all.ghm'), encodePartial(counts));
  const density = unitRegionDensity(counts, { bins: 30, normalize: 'valid-bins', maxWeight: undefined });
  writeFileSync(at('density.json'), JSON.stringify(density));
  mkdirSync(at('empty-folder'));
  const distances: CellCounts = { ...countSamples([[0.5, false]], 4), scale: { task: 'regression', mu: 0.02 } };
  const { scale, bins, ignored } = distances;
  writeFileSync(
    at('boxes.ghm'),
    encodePartial({ ...bccdCounts(bins), kind: 'float16', scale, bins, ignored, cells: oneCell(), splits: noSplits() }),
  );
});

const oneCell = (): [Float64Array, Float64Array] => {
  const cells: [Float64Array, Float64Array] = [new Float64Array(65_536), new Float64Array(65_536)];
  // 1.5 as float16
  cells[0][0x3e00] = 7;
  return cells;
};
const noSplits = (): [Float64Array, Float64Array] => [new Float64Array(0), new Float64Array(0)];

describe('report', () => {
  it('draws all figures of a partial, for any M and windows too', async () => {
    const all = ['distribution', 'contribution', 'weight', 'reformulation'];
    const made = await report({ files: at('all.ghm'), out: at('a.html'), bins: 10 });
    expect(made).toMatchObject({ command: 'report', format: 'html', figures: all, out: at('a.html') });
    const text = readFileSync(at('a.html'), 'utf8');
    expect(made.bytes).toBe(Buffer.byteLength(text));
    expect(text).toContain('10 unit regions, 10 with samples');
    const windows = await written({ files: at('all.ghm'), out: at('w.html'), method: 'window', epsilon: 0.1 });
    expect(windows).toContain('β against g by windows of width 0.1');
  });

  it('draws a density.json without what needs cells', async () => {
    const text = await written({ files: at('density.json'), out: at('d.html') });
    expect(titlesOf(text)).toHaveLength(3);
    expect(text).toContain('ghm histogram makes a partial, ghm report draws it');
  });

  it('words boxes as boxes', async () => {
    const text = await written({ files: at('boxes.ghm'), out: at('boxes.html') });
    expect(text).toContain('gradient norm g = |d| / √(d² + μ²), μ = 0.02');
    expect(text).toContain('under plain ASL1');
    expect(bodyOf(text)).not.toMatch(/cross-entropy|focal|positives|NaN|undefined/);
  });

  it('gives the numbers as JSON, unrounded and all of them', async () => {
    const { runs, figures } = JSON.parse(await written({ files: at('all.ghm'), out: at('numbers.json') }));
    expect(runs).toMatchObject([{ name: 'all.ghm', task: 'classification', bins: 30, total: 213_342 }]);
    expect(figures.map(({ name }: { name: string }) => name)).toHaveLength(4);
    const [, , weight] = figures;
    expect(weight.columns).toEqual(['from', 'to', 'β', 'samples']);
    expect(weight.rows.map((row: readonly number[]) => row[3])).toEqual(bccdGolden.bins30.counts);
    for (const [j, row] of weight.rows.entries()) expect(row[2]).toBeCloseTo(bccdGolden.bins30.beta_valid_bins[j], 10);
  });

  it('gives one figure as an SVG image that needs no style sheet, and as PNG', async () => {
    const svg = await written({ files: at('all.ghm'), out: at('weight.svg'), figure: 'weight' });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="896"/);
    expect(svg).toContain('<title>The weight of a sample</title>');
    expect(svg).not.toMatch(/var\(|currentColor|<style|class="/);
    await report({ files: at('all.ghm'), out: at('weight.png'), figure: 'weight' });
    const png = readFileSync(at('weight.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(2 * 896);
  });

  it('compares two runs, of different M and of different content', async () => {
    writeFileSync(at('later.ghm'), encodePartial(bccdCounts(10)));
    const text = await written({ files: [at('density.json'), at('later.ghm')], out: at('both.html') });
    expect(titlesOf(text)).toEqual(['How the gradient norm is distributed', 'The weight of a sample']);
    const cells = await written({ files: [at('all.ghm'), at('later.ghm')], out: at('cells.html') });
    expect(titlesOf(cells)).toHaveLength(3);
    expect(cells).toContain('From all.ghm to later.ghm the mean cross-entropy went from 0.01207 to 0.01207');
  });

  it('tells runs of one name apart', async () => {
    const text = await written({ files: [at('all.ghm'), at('all.ghm')], out: at('same.html') });
    expect(text).toContain('all.ghm (first)');
    expect(text).toContain('all.ghm (second)');
  });

  it.each<[string, Partial<ReportOptions>, number, string]>([
    ['no run', { files: [] }, 2, 'files: expected a partial, a density.json or an output folder, found an empty list'],
    ['three runs', { files: ['a', 'b', 'c'] }, 2, 'files: expected one to report or two to compare, found 3'],
    [
      'an image of no figure',
      { format: 'svg' },
      2,
      '--figure: expected one of distribution, contribution, weight, reformulation, groups, batches for a report as svg, found nothing',
    ],
    [
      'a page of one figure',
      { figure: 'weight' },
      2,
      '--figure: a page has all figures; add --format svg, png or json, or drop it',
    ],
    [
      'a figure the run has not',
      { format: 'json', figure: 'groups' },
      3,
      `${at('all.ghm')}: no figure groups can be made of it; it has distribution, contribution, weight, reformulation`,
    ],
    [
      'options for a density.json',
      { files: at('density.json'), bins: 10 },
      2,
      `--bins: ${at('density.json')} is a density.json, whose weights are final; give a partial to choose them anew`,
    ],
    [
      'a folder without a run',
      { files: at('empty-folder') },
      3,
      `${at('empty-folder')}: has no density.json; expected the output folder of ghm reweight or ghm apply`,
    ],
    ['nothing there', { files: at('gone') }, 3, `${at('gone')}: no such file`],
    [
      'runs of two tasks',
      { files: [at('all.ghm'), at('boxes.ghm')] },
      3,
      'all.ghm is of classification and boxes.ghm of regression with mu 0.02; expected two runs of the same task',
    ],
    [
      'its own input',
      { out: at('all.ghm'), force: true },
      2,
      `--out ${at('all.ghm')}: is the input ${at('all.ghm')}; write to another file`,
    ],
  ])('refuses %s', async (_, options, exitCode, message) => {
    const run = report({ files: at('all.ghm'), out: at('refused.html'), ...options });
    await expect(run).rejects.toMatchObject({ message, exitCode });
  });

  it('reports the folder of a run through the built command, escapes its names, and replaces nothing', async () => {
    const out = at('<b>weights');
    const input = (name: string) => `${SAMPLE}${name}.npy`;
    const files = ['--logits', input('logits'), '--labels', input('labels')];
    expect((await runGhm(['reweight', ...files, '--out', out, '--quiet'])).exitCode).toBe(0);
    const ended = await runGhm(['report', out, '--out', at('folder.html')]);
    expect(ended.stdout).toMatch(/^wrote .*folder\.html, [\d.]+ kB, in .*: distribution, weight, reformulation\n$/);
    const text = readFileSync(at('folder.html'), 'utf8');
    expect(text).toContain('<h1>GHM report: &lt;b&gt;weights</h1>');
    expect(text).toContain('million samples a second');
    const again = await runGhm(['report', out, '--out', at('folder.html')]);
    expect(again.stderr).toBe(`ghm: ${at('folder.html')} exists already; use --force to replace it\n`);
    // what the run itself drew has more
    expect(titlesOf(readFileSync(join(out, 'report.html'), 'utf8'))).toHaveLength(4);
  });
});
