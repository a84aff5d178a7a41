/** How a work is drawn in every panel. */
export interface Style {
  readonly color: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'times' | 'plus';
  readonly dash?: string;
}

/** Twice the threads, twice the samples. */
export type Ideal = Omit<Style, 'symbol'>;
export const IDEAL: Ideal = { color: '#9aa5b1', dash: '1 4' };

/** Of the image, in pixels. */
export const WIDTH = 960;
export const MARGIN = 24;

/** What is inside the image that Plot drew, without its style element, to a hundredth of a pixel. */
export function markupOf(plot: object): string {
  const { innerHTML } = plot as { innerHTML: string };
  return innerHTML.replace(/<style>[\s\S]*?<\/style>/, '').replace(/(\.\d\d)\d+/g, '$1');
}

/** Its symbols. */
export const dotOptions = ({ color, symbol }: Style) =>
  ({ stroke: color, symbol, r: 3.5, strokeWidth: 1.75, fill: '#fff' }) as const;
