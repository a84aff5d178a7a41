import type { Density } from '../../../density/density.ts';
import { type Canvas, draw } from '../canvas.ts';
import { logScale, normScale, powersAround, stepLine, tickOfNumber, tooltips } from '../marks.ts';
import { formatCount, formatNumber, type Markup, table } from '../markup.ts';
import { type RegionRow, regionRows } from '../series.ts';
import { figure, GHMC, ROWS, range, STEPS } from './figure.ts';

/** (d) The weights. */
export function weightFigure(canvas: Canvas, density: Density): Markup {
  const [drawn, listed] = [regionRows(density, STEPS), regionRows(density, ROWS)];
  const occupied = drawn.filter(({ count }) => count > 0);
  const domain = powersAround(occupied.map(({ beta }) => beta));
  const [empty, clipped] = [drawn.filter(({ count }) => count === 0), drawn.filter((row) => row.clipped)];
  const noted = ({ count, clipped: cut }: RegionRow) => (count === 0 ? 'empty' : cut ? 'clipped' : '');
  const columns = drawn.map((row) => ({
    ...row,
    text: `g ${range(row)}\nβ ${formatNumber(row.beta)} ${noted(row)}\n${formatCount(row.count)} samples`,
  }));
  const middle = ({ from, to }: RegionRow) => (from + to) / 2;
  const words = [
    empty.length > 0 ? `Crosses on the axis mark empty regions, where β is 0 and no sample asks for it.` : '',
    clipped.length > 0 ? `Dots mark regions where β was clipped to ${formatNumber(density.maxWeight ?? 0)}.` : '',
  ].join(' ');
  return figure(
    'The weight of a sample',
    `β against g, one step a unit region, on a log axis; β = 1 leaves a sample as it is. Look for single steps that jump: a region with few samples gets a weight that rests on little. ${words}`,
    [{ ...GHMC, name: 'β' }],
    draw(
      canvas,
      'weight',
      `Weight beta by gradient norm, from ${formatNumber(drawn[0].beta)} in the easiest region to ${formatNumber(drawn[drawn.length - 1].beta)} in the hardest; ${empty.length} empty, ${clipped.length} clipped.`,
      (width) => ({
        x: normScale(width),
        y: logScale(domain, 'weight β', tickOfNumber),
        marks: [
          canvas.Plot.ruleY(
            [1].filter((one) => one >= domain[0] && one <= domain[1]),
            { stroke: 'var(--edge)', strokeDasharray: '4 4' },
          ),
          stepLine(
            canvas,
            drawn.map((row) => ({ ...row, value: row.beta })),
            GHMC,
          ),
          canvas.Plot.dot(empty, { x: middle, y: domain[0], symbol: 'times', r: 4, stroke: 'var(--soft)' }),
          canvas.Plot.dot(clipped, { x: middle, y: 'beta', r: 3.5, fill: 'var(--positive)' }),
          width === 'wide' ? tooltips(canvas, columns, domain) : null,
        ],
      }),
    ),
    table(
      'Weight by region',
      ['g', 'β', 'samples', ''],
      listed.map((row) => [
        range(row),
        row.count > 0 ? formatNumber(row.beta) : '–',
        formatCount(row.count),
        noted(row),
      ]),
    ),
  );
}
