import type { Markish, ScaleOptions } from '@observablehq/plot';
import type { Canvas, Width } from './canvas.ts';
import { html, type Markup } from './markup.ts';

/** A value for a stretch of g. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** How a series is told apart, in colour and without it. */
export interface Stroke {
  readonly name: string;
  /** A custom property of the page. */
  readonly color: string;
  readonly dash?: string;
  readonly width?: number;
}

const NARROW_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
const WIDE_TICKS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The axis of g, the same in every figure; `norm` says what g is. */
export function normScale(width: Width, norm: string): ScaleOptions {
  return {
    domain: [0, 1],
    ticks: width === 'wide' ? WIDE_TICKS : NARROW_TICKS,
    tickFormat: String,
    label: `gradient norm ${norm}`,
    labelAnchor: 'center',
    labelArrow: 'none',
  };
}

/** A logarithmic axis with a grid line each power of ten, or each 1, 2, 5 where it spans little. */
export function logScale(
  domain: readonly [number, number],
  label: string,
  format: (tick: number) => string,
): ScaleOptions {
  const [low, high] = domain.map(Math.log10);
  const every = Math.ceil((high - low) / 8);
  const ticks: number[] = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++) {
    if (power % every === 0) ticks.push(Number(`1e${power}`));
  }
  const few = ticks.length < 3;
  return {
    type: 'log',
    domain: [...domain],
    grid: true,
    ticks: few ? 6 : ticks,
    tickFormat: format,
    tickSize: 0,
    label,
    labelArrow: 'none',
    clamp: true,
  };
}

/** 1, 10, 100, 1k, 10k, 1M; below 1 in full to 0.001, then 10⁻⁴. */
export function tickOfNumber(tick: number): string {
  for (const [unit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (tick >= unit) return `${Number((tick / unit).toPrecision(3))}${suffix}`;
  }
  return tick < 0.00099 ? powerOfTen(tick) : String(Number(tick.toPrecision(3)));
}

/** 100%, 1%, 0.0001%, then 10⁻⁷. */
export function tickOfShare(tick: number): string {
  return tick < 9.9e-7 ? powerOfTen(tick) : `${Number((tick * 100).toPrecision(2))}%`;
}

const powerOfTen = (tick: number): string =>
  `${tick.toExponential(0)}`
    .replace(/^1e/, '10')
    .replace(/(?<=^10)[-\d]+/, (digits) => digits.replace(/./g, superscript));

const superscript = (character: string): string => (character === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(character)]);

/** Of ten, that a number can be. */
const LARGEST_POWER = 307;

/** Whole powers of ten around the positive values, but no more than `decades` below the largest. */
export function powersAround(values: readonly number[], decades = 8): readonly [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  if (positive.length === 0) return [0.1, 1];
  // an axis to infinity, or from 0, has no end of ticks
  const high = Math.min(LARGEST_POWER, Math.max(Math.ceil(Math.max(...positive) + 0.005), decades - LARGEST_POWER));
  const low = Math.max(Math.min(Math.floor(Math.min(...positive) - 0.005), high - 1), high - decades);
  return [Number(`1e${low}`), Number(`1e${high}`)];
}

/** A stepped line, broken where the value is 0. */
export function stepLine({ Plot }: Canvas, steps: readonly Step[], stroke: Stroke): Markish {
  return Plot.line(outline(steps, Number.NaN), {
    x: 'g',
    y: 'value',
    ...strokeOptions(stroke),
    strokeLinejoin: 'miter',
  });
}

/** A stepped area standing on `floor`. */
export function stepArea(
  { Plot }: Canvas,
  steps: readonly Step[],
  floor: number,
  stroke: Stroke,
  opacity: number,
): Markish {
  return [
    Plot.areaY(outline(steps, floor), { x: 'g', y1: floor, y2: 'value', fill: stroke.color, fillOpacity: opacity }),
    Plot.line(outline(steps, floor), { x: 'g', y: 'value', ...strokeOptions(stroke), strokeLinejoin: 'miter' }),
  ];
}

/** The corners of a stepped line; `instead` of a value of 0. */
export function outline(steps: readonly Step[], instead: number): { g: number; value: number }[] {
  return steps.flatMap(({ from, to, value }) => {
    const drawn = value > 0 ? value : instead;
    return [
      { g: from, value: drawn },
      { g: to, value: drawn },
    ];
  });
}

export function strokeOptions({ color, dash, width = 1.75 }: Stroke) {
  return { stroke: color, strokeWidth: width, ...(dash ? { strokeDasharray: dash } : {}) };
}

/** Columns that show their text under a pointer, without a script. */
export function tooltips(
  { Plot }: Canvas,
  columns: readonly (Omit<Step, 'value'> & { readonly text: string })[],
  [low, high]: readonly [number, number],
): Markish {
  return Plot.rect(columns, { x1: 'from', x2: 'to', y1: low, y2: high, fill: 'transparent', title: 'text' });
}

export function legend(strokes: readonly Stroke[]): Markup {
  return html`<ul class="legend">${strokes.map(
    ({ name, color, dash, width = 1.75 }) =>
      html`<li><svg viewBox="0 0 28 11" aria-hidden="true"><path d="M0 5.5H28" style="stroke:${color}" stroke-width="${width + 0.5}" stroke-dasharray="${dash ?? 'none'}"/></svg>${name}</li>`,
  )}</ul>`;
}
