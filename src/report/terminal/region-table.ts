import { aligned, percent, thousands } from './number-format.ts';
import type { Page } from './page.ts';
import { type Column, logBar, tableLines } from './table.ts';

/** Counts of unit regions, and their weights where there are any. */
export interface Regions {
  /** [M] */
  readonly counts: readonly number[];
  /** [M] */
  readonly beta?: readonly number[];
  /** N. */
  readonly total: number;
}

const MOST_IN_FULL = 30;
const MOST_ROWS = 20;
const WIDEST_BAR = 32;
/** As wide as the shorter of its titles. */
const LEAST_BAR = 9;
const BAR_TITLE = 'samples, log scale';
/** Tells the edges of up to 30 rows apart. */
const EDGE_DIGITS = 3;
/** The tail is what the table is for: regions of a ten thousandth are common. */
const SHARE_DIGITS = 3;

/**
 * One line a region: range of g, count, share, beta, a bar of the count on a log scale. More than 30 regions share at
 * most 20 rows; beta is then the mean over the samples of a row.
 */
export function regionLines(regions: Regions, page: Page): string[] {
  const bins = regions.counts.length;
  const perRow = bins <= MOST_IN_FULL ? 1 : Math.ceil(bins / MOST_ROWS);
  const rows = Array.from({ length: Math.ceil(bins / perRow) }, (_, r) => rowOf(regions, r * perRow, perRow));
  const most = Math.max(0, ...rows.map((row) => row.count));

  const shares = [true, false].map((hasShare) => tableOf(rows, regions, perRow, hasShare, page.width));
  // the share goes before the bars do
  const { lines, room } = shares.find((one) => one.room >= LEAST_BAR) ?? shares[0];
  const widest = Math.max(...lines.map((line) => line.length));
  const barWidth = Math.min(WIDEST_BAR, room);
  const title = barWidth >= BAR_TITLE.length ? BAR_TITLE : 'log scale';
  const bars = [title, ...rows.map((row) => logBar(row.count, most, barWidth, page.bar))];
  const table = lines.map((line, i) =>
    barWidth < LEAST_BAR ? line : `${line.padEnd(widest)}  ${bars[i] ?? ''}`.trimEnd(),
  );
  if (perRow === 1) return table;
  const note = regions.beta ? '; beta is the mean over the samples of a row' : '';
  return [...table, `(${thousands(bins)} regions, ${perRow} to a row${note})`];
}

/** The columns beside the bars, and the room that they leave. */
function tableOf(
  rows: readonly RegionRow[],
  { beta, total, counts }: Regions,
  perRow: number,
  hasShare: boolean,
  width: number,
): { readonly lines: string[]; readonly room: number } {
  const bins = counts.length;
  const columns: Column[] = [
    { title: 'gradient norm', align: 'left' },
    { title: 'samples', align: 'right' },
    ...(hasShare ? [{ title: 'share', align: 'right' } as const] : []),
    ...(beta ? [{ title: perRow === 1 ? 'beta' : 'mean beta', align: 'right' } as const] : []),
  ];
  const cells = rows.map((row) => [
    `${(row.first / bins).toFixed(EDGE_DIGITS)} - ${(row.end / bins).toFixed(EDGE_DIGITS)}`,
    thousands(row.count),
    ...(hasShare ? [percent(row.count, total, SHARE_DIGITS)] : []),
    ...(beta ? [row.count === 0 ? '-' : aligned(row.beta)] : []),
  ]);
  const lines = tableLines(columns, cells, width);
  return { lines, room: width - Math.max(...lines.map((line) => line.length)) - 2 };
}

interface RegionRow {
  readonly first: number;
  readonly end: number;
  readonly count: number;
  readonly beta: number;
}

function rowOf({ counts, beta }: Regions, first: number, perRow: number): RegionRow {
  const end = Math.min(first + perRow, counts.length);
  let count = 0;
  let weight = 0;
  for (let j = first; j < end; j++) {
    count += counts[j] ?? 0;
    weight += (counts[j] ?? 0) * (beta?.[j] ?? 0);
  }
  return { first, end, count, beta: weight / count };
}
