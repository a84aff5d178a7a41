import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { CellCounts } from '../../src/density/cells.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { renderReport } from '../../src/report/html/report.ts';
import type { ReportInput } from '../../src/report/html/report-input.ts';
import { bccdCounts, countSamples, type Sample } from './sample.ts';

function inputOf(counts: CellCounts, bins: number, changes: Partial<ReportInput> = {}): ReportInput {
  return {
    density: unitRegionDensity(counts, { bins, normalize: 'valid-bins', maxWeight: undefined }),
    counts,
    title: 'bccd',
    name: 'bccd',
    command: 'ghm reweight --logits logits.npy --labels labels.npy --out weights',
    inputs: { count: 1, first: [{ name: 'logits.npy', shape: [73440, 3], dtype: 'float16' }] },
    options: { bins, normalize: 'valid-bins' },
    version: '0.1.0',
    time: '2025-11-24T22:42:00Z',
    samplesPerSecond: 1.4e9,
    warnings: [],
    ...changes,
  };
}

const documentOf = (text: string) => parseHTML(text).document;
const titlesOf = (text: string) =>
  [...documentOf(text).querySelectorAll('figure h2')].map((title) => title.textContent);

describe('renderReport', () => {
  it('draws four figures, each with alternative text at two widths and a table of its values', async () => {
    const text = await renderReport(inputOf(bccdCounts(30), 30));
    expect(Buffer.byteLength(text)).toBeLessThan(600_000);
    expect(titlesOf(text)).toEqual([
      'How the gradient norm is distributed',
      'Which samples drive the training',
      'The weight of a sample',
      'What each loss does to the gradient of one sample',
    ]);
    for (const figure of documentOf(text).querySelectorAll('figure')) {
      const drawings = [...figure.querySelectorAll('svg.plot')];
      expect(drawings.map((svg) => svg.getAttribute('role'))).toEqual(['img', 'img']);
      for (const svg of drawings) expect(svg.getAttribute('aria-label')?.length).toBeGreaterThan(40);
      expect(figure.querySelectorAll('details tbody tr').length).toBeGreaterThanOrEqual(30);
    }
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('states the main numbers', async () => {
    const text = documentOf(await renderReport(inputOf(bccdCounts(30), 30))).body.textContent ?? '';
    expect(text).toContain('213,342');
    expect(text).toContain('6,978 ignored');
    expect(text).toContain('98.7% of the samples have a gradient norm between 0 and 0.0333');
  });

  it('loads and runs nothing, and escapes all text', async () => {
    const evil = `"><script>alert('1')</script>&`;
    const text = await renderReport(
      inputOf(bccdCounts(10), 10, {
        title: evil,
        command: evil,
        inputs: { count: 1, first: [{ name: evil, shape: [1, 3], dtype: evil }] },
        options: { [evil]: evil, list: [evil] },
        version: evil,
        time: evil,
        warnings: [evil],
      }),
    );
    expect(text).not.toContain('<script');
    expect(text).not.toMatch(/(?:href|src|url\()\s*=?\s*["']?https?:/);
    expect(text).toContain(`<title>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</title>`);
    expect(documentOf(text).querySelector('h1')?.textContent).toBe(evil);
  });

  it('is the same text for the same input', async () => {
    const input = inputOf(bccdCounts(30), 30);
    expect(await renderReport(input)).toBe(await renderReport(input));
  });

  it('leaves out what needs cells, and says so', async () => {
    const text = await renderReport(inputOf(bccdCounts(30), 30, { counts: null }));
    expect(titlesOf(text)).not.toContain('Which samples drive the training');
    expect(text).toContain('They need the cell counts of a partial');
    expect(text).toContain('all samples');
  });

  it('joins many regions to at most 60 collapsed rows', async () => {
    const text = await renderReport(inputOf(bccdCounts(1000), 1000));
    expect(Buffer.byteLength(text)).toBeLessThan(600_000);
    expect(text).toContain('1,000 unit regions, 17 to a row');
    const sections = [...documentOf(text).querySelectorAll('section')];
    const regions = sections.find((section) => section.querySelector('h2')?.textContent === 'Unit regions');
    expect(regions?.querySelectorAll('details tbody tr').length).toBe(59);
  });

  it('marks empty and clipped regions', async () => {
    const counts = countSamples([...Array<Sample>(50).fill([-6, false]), [2, false]], 10);
    const density = unitRegionDensity(counts, { bins: 10, normalize: 'valid-bins', maxWeight: 3 });
    const text = await renderReport(inputOf(counts, 10, { density }));
    expect(text).toContain('Crosses on the axis mark empty regions');
    expect(text).toContain('clipped to 3');
    expect(text).toContain('8 empty, 1 clipped');
  });

  it.each<[string, readonly Sample[], number]>([
    ['one region', [[1, true]], 1],
    ['one sample', [[-3, false]], 30],
    [
      'infinities alone',
      [
        [Infinity, false],
        [-Infinity, true],
      ],
      30,
    ],
    ['no gradient at all', [[-Infinity, false]], 30],
  ])('draws %s', async (_, samples, bins) => {
    const text = await renderReport(inputOf(countSamples(samples, bins), bins));
    expect(titlesOf(text)).toHaveLength(4);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  // found by fuzzing: an axis to infinity or from 0 has no end of ticks
  it.each([
    [1e308, 5e-324],
    [5e-324, 5e-324],
    [Number.MAX_VALUE, 1],
  ])('ends where a density.json has weights of %s and %s', async (first, second) => {
    const input = inputOf(
      countSamples(
        [
          [-1, false],
          [1, false],
        ],
        2,
      ),
      2,
    );
    const density = { ...input.density, beta: [first, second] };
    expect(titlesOf(await renderReport({ ...input, density, counts: null }))).toContain('The weight of a sample');
  });

  it('speaks of a softmax without labels and without alpha', async () => {
    const samples: Sample[] = [-6, -2, 0.5, 3].map((z) => [z, false]);
    const text = await renderReport(inputOf({ ...countSamples(samples, 10), scale: { task: 'softmax' } }, 10));
    expect(titlesOf(text)).toHaveLength(4);
    expect(text).toContain('gradient norm g = 1 − p of the true class');
    expect(text).toContain('focal loss (γ = 2)');
    expect(documentOf(text).body.textContent).not.toMatch(/positives|negatives|α = |NaN|undefined/);
  });

  it('says so when nothing was counted', async () => {
    const text = await renderReport(inputOf(countSamples([], 30, 12), 30));
    expect(text).toContain('No samples were counted');
    expect(titlesOf(text)).toEqual([]);
  });
});
