import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { BatchDensities, Density, GroupDensities } from '../../src/density/density.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { openCanvas } from '../../src/report/html/canvas.ts';
import { figureMarkup } from '../../src/report/html/figure-markup.ts';
import { batchesFigure } from '../../src/report/html/figures/batches.ts';
import { groupsFigure } from '../../src/report/html/figures/groups.ts';
import { reportFigures } from '../../src/report/html/report-figures.ts';
import { regionWeights } from '../../src/report/html/weights.ts';
import { countSamples } from './sample.ts';

const counts = countSamples(
  [
    [-3, false],
    [-3, false],
    [-3, false],
    [2, false],
  ],
  2,
);
const density: Density = unitRegionDensity(counts, { bins: 2, normalize: 'valid-bins', maxWeight: undefined });

/** Three easy samples and one hard one, as many groups as asked for beside a last one without samples. */
function groupsOf(many: number): GroupDensities {
  const every = <T>(full: T, empty: T): T[] => [...new Array<T>(many).fill(full), empty];
  return {
    column: 'level',
    values: Array.from({ length: many + 1 }, (_, i) => i),
    total: every(4, 0),
    ignored: every(0, 2),
    validBins: every(2, 0),
    counts: every([3, 1], [0, 0]),
    beta: every([0.5, 4], [0, 0]),
    meanWeight: every(1.375, 0),
    loss: { ce: every<number | null>(0.5, null), ghmc: every<number | null>(0.75, null) },
  };
}

function batchesOf(many: number): BatchDensities {
  const numbers = Array.from({ length: many }, (_, i) => i + 1);
  return {
    by: 'rows:4',
    momentum: 0.75,
    biasCorrection: false,
    count: 2 * many,
    rows: numbers,
    total: numbers,
    validBins: numbers,
    meanWeight: numbers.map((i) => 1 / i),
    loss: { ce: numbers.map((i) => (i % 2 === 0 ? i : null)), ghmc: numbers.map(() => null) },
  };
}

describe('the figure of groups', () => {
  it('lists the largest thousand of more groups, in their own order, and says so', async () => {
    const canvas = await openCanvas();
    const many = groupsOf(1200);
    const total = many.total.map((samples, i) => (i === 700 ? 3 : samples));
    const { caption, rows } = groupsFigure(canvas, density, { ...many, total }).values(60);
    expect(caption).toBe('Groups by level: the 1,000 largest of 1,201; density.json has all');
    expect(rows.length).toBe(1000);
    expect([rows[0].of, rows[699].of, rows[700].of, rows[999].of]).toEqual([
      'level 0',
      'level 699',
      'level 701',
      'level 1000',
    ]);
  });

  it('has a panel for each group with samples and a row for every group', async () => {
    const canvas = await openCanvas();
    const { label, look, values, height } = groupsFigure(canvas, density, groupsOf(3));
    expect(label).toContain('Small multiples of 3 groups by level');
    expect(label).toContain('25%, is that of level 0; of all samples together it is 25%');
    expect(look).not.toContain('more are not');
    expect(height?.('wide')).toBeLessThan(height?.('narrow') ?? 0);
    const { rows } = values(60);
    expect(rows.map(({ of }) => of)).toEqual(['level 0', 'level 1', 'level 2', 'level 3']);
    expect(rows[0].cells).toEqual([4, 0, 2, 0.75, 0.25, 0.5, 4, 0.5, 0.75]);
    expect(rows[3].cells).toEqual([0, 2, 0, null, null, null, null, null, null]);
  });

  it('draws the 24 largest of many', async () => {
    const { label, look } = groupsFigure(await openCanvas(), density, groupsOf(30));
    expect(label).toContain('Small multiples of 24 groups');
    expect(look).toContain('The 24 largest are drawn; 6 more are not.');
  });

  it('goes with the mean weight over the groups everywhere else', async () => {
    const grouped = { ...density, groups: groupsOf(1) };
    expect(regionWeights(grouped)).toEqual([0.5, 4]);
    const figures = [...reportFigures(await openCanvas(), { density: grouped, counts })];
    expect(figures.map(({ name }) => name)).toEqual([
      'distribution',
      'contribution',
      'weight',
      'reformulation',
      'groups',
    ]);
    expect(figures[2].look).toContain('Each level has weights of its own');
  });
});

describe('the figure of batches', () => {
  it('says how batches follow each other and how many are drawn', async () => {
    const canvas = await openCanvas();
    const figure = batchesFigure(canvas, density, batchesOf(20));
    expect(figure.look).toContain('(rows:4), weighed by a moving average with momentum 0.75, on a log axis');
    expect(figure.look).toContain('The first 20 of 40 batches are drawn');
    expect(figure.label).toContain('from 1 in the first to 0.05 in the last');
    const { text } = figureMarkup(canvas, figure);
    expect(parseHTML(text).document.querySelectorAll('tbody tr')).toHaveLength(20);
    expect(text).not.toContain('NaN');
  });

  it('joins many batches to the mean of those with a number', async () => {
    const { values } = batchesFigure(await openCanvas(), density, batchesOf(120));
    const { caption, rows } = values(60);
    expect(caption).toBe('Batches by rows:4, 2 to a row, by their mean');
    expect(rows).toHaveLength(60);
    // batches 1 and 2: sizes 1 and 2, weights 1 and 1/2, a cross-entropy only in the second
    expect(rows[0].cells).toEqual([1.5, 1.5, 0.75, 2, null]);
  });
});
