import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import type { Canvas } from '../canvas.ts';
import { logScale, normScale, powersAround, stepLine, tickOfShare, tooltips } from '../marks.ts';
import { formatShare } from '../markup.ts';
import { contributions, type RegionRow, regionRows, sharesByRow } from '../series.ts';
import { wordingOf } from '../wording.ts';
import { type Figure, lossStrokes, range, STEPS } from './figure.ts';

/** Which part of the whole gradient each region gives: the paper's figure 1, right. */
export function contributionFigure(canvas: Canvas, density: Density, counts: CellCounts): Figure {
  const wording = wordingOf(density);
  const strokes = lossStrokes(wording);
  const losses = [...contributions(counts, density)].map(([name, sums]) => ({ stroke: strokes[name], sums }));
  const sharesOf = (rows: readonly RegionRow[]) => losses.map((loss) => sharesByRow(loss.sums, rows));
  const drawn = regionRows(density, STEPS);
  const shares = sharesOf(drawn);
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
  return {
    name: 'contribution',
    title: 'Which samples drive the training',
    look: `Share of the total gradient (the sum of |dL/dx| over all samples) that comes from each region, on a log axis. Look at the two ends: a loss that spends its gradient on the easy mass or on outliers stands high there. Under ${wording.weighted} the number of samples in a region no longer matters, so its share grows smoothly with g, unless weights were clipped.`,
    strokes: losses.map(({ stroke }) => stroke),
    label: `Share of the total gradient by region, easiest and hardest: ${ends.join('; ')}.`,
    plot: (width) => ({
      x: normScale(width, wording.norm),
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
    values: (atMost) => {
      const rows = regionRows(density, atMost);
      const listed = sharesOf(rows);
      return {
        caption: 'Share of the total gradient',
        columns: losses.map(({ stroke }) => ({ name: stroke.name, format: formatShare })),
        rows: rows.map((row, i) => ({ of: row, cells: listed.map((share) => share[i]) })),
      };
    },
  };
}
