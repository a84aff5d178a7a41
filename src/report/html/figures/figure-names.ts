/** The figures of a report, in the order of the page; not every run has all. */
export const FIGURE_NAMES = ['distribution', 'contribution', 'weight', 'reformulation', 'groups', 'batches'] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];
