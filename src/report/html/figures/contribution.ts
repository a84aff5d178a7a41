import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import { type Canvas, draw } from '../canvas.ts';
import { ALPHA, GAMMA } from '../losses.ts';
import { logScale, normScale, powersAround, stepLine, tickOfShare, tooltips } from '../marks.ts';
import { formatShare, type Markup, table } from '../markup.ts';
import { contributions, type RegionRow, regionRows, sharesByRow } from '../series.ts';
import { CE, FOCAL, figure, GHMC, ROWS, range, STEPS } from './figure.ts';

/** (c) Which part of the whole gradient each region gives. */
export function contributionFigure(canvas: Canvas, density: Density, counts: CellCounts): Markup {
  const sums = contributions(counts, density);
  const losses = [
    { stroke: CE, sums: sums.ce },
    { stroke: { ...FOCAL, name: `focal loss (γ = ${GAMMA}, α = ${ALPHA})` }, sums: sums.focal },
    { stroke: GHMC, sums: sums.ghmc },
  ];
  const sharesOf = (rows: readonly RegionRow[]) => losses.map((loss) => sharesByRow(loss.sums, rows));
  const [drawn, listed] = [regionRows(density, STEPS), regionRows(density, ROWS)];
  const [shares, listedShares] = [sharesOf(drawn), sharesOf(listed)];
  const [low, high] = powersAround(shares.flat(), 7);
  const domain = [low, Math.min(high, 1)] as const;
  const columns = drawn.map((row, i) => ({
    ...row,
    text: [`g ${range(row)}`, ...losses.map(({ stroke }, k) => `${stroke.name}: ${formatShare(shares[k][i])}`)].join(
      '\n',
    ),
  }));
  const ends = losses.map(
    ({ stroke }, k) => `${stroke.name} ${formatShare(shares[k][0])} and ${formatShare(shares[k][drawn.length - 1])}`,
  );
  return figure(
    'Which samples drive the training',
    'Share of the total gradient (the sum of |dL/dx| over all samples) that comes from each region, on a log axis. Look at the two ends: a loss that spends its gradient on the easy mass or on outliers stands high there. Under GHM-C the number of samples in a region no longer matters, so its share grows smoothly with g, unless weights were clipped.',
    losses.map(({ stroke }) => stroke),
    draw(
      canvas,
      'contribution',
      `Share of the total gradient by region, easiest and hardest: ${ends.join('; ')}.`,
      (width) => ({
        x: normScale(width),
        y: logScale(domain, 'share of total gradient', tickOfShare),
        marks: [
          ...losses.map(({ stroke }, k) =>
            stepLine(
              canvas,
              drawn.map((row, i) => ({ ...row, value: shares[k][i] })),
              stroke,
            ),
          ),
          width === 'wide' ? tooltips(canvas, columns, domain) : null,
        ],
      }),
    ),
    table(
      'Share of the total gradient',
      ['g', ...losses.map(({ stroke }) => stroke.name)],
      listed.map((row, i) => [range(row), ...listedShares.map((share) => formatShare(share[i]))]),
    ),
  );
}
