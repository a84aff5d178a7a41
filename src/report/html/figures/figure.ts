import { GAMMA } from '../losses.ts';
import { legend, type Stroke } from '../marks.ts';
import { formatNorm, html, type Markup } from '../markup.ts';

/** Most regions drawn as steps of their own, and most rows of a table. */
export const STEPS = 240;
export const ROWS = 60;

export const NEGATIVES: Stroke = { name: 'negatives (p* = 0)', color: 'var(--negative)' };
export const POSITIVES: Stroke = { name: 'positives (p* = 1)', color: 'var(--positive)' };
export const CE: Stroke = { name: 'cross-entropy', color: 'var(--ce)', dash: '6 4' };
export const FOCAL: Stroke = { name: `focal loss (γ = ${GAMMA})`, color: 'var(--focal)', dash: '2 3', width: 2.25 };
export const GHMC: Stroke = { name: 'GHM-C', color: 'var(--ghmc)', width: 2.25 };

/** Title, what to look for, legend, drawing and its values. */
export function figure(title: string, look: string, marks: readonly Stroke[], drawing: Markup, values: Markup): Markup {
  return html`<figure><figcaption><h2>${title}</h2><p>${look}</p>${marks.length > 1 ? legend(marks) : null}</figcaption>
${drawing}
<details><summary>Values of this figure</summary>${values}</details></figure>`;
}

/** 0.0333 to 0.0667 */
export const range = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  `${formatNorm(from)} to ${formatNorm(to)}`;
