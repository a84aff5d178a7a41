import { thousands } from '../grouped.ts';

/** Text that is HTML already. Everything else is escaped where it enters a template. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Child = Markup | string | number | null | readonly Child[];

/** HTML from a template; strings and numbers are escaped, markup is kept, `null` is nothing, lists are joined. */
export function html(parts: TemplateStringsArray, ...children: readonly Child[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < children.length ? textOf(children[i]) : '')).join(''));
}

function textOf(child: Child): string {
  if (child === null) return '';
  if (child instanceof Markup) return child.text;
  if (Array.isArray(child)) return child.map(textOf).join('');
  return escapeHtml(String(child));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A table whose first column heads its rows; columns whose cells are all numbers or dashes are set right. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Child[])[]): Markup {
  const [first, ...others] = head;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${first}</th>${others.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

/** 1,936,473 */
export function formatCount(count: number): string {
  return thousands(count);
}

/** Four significant digits unless told: 0.03377, 215.5, 12,340, 1.2e-7. */
export function formatNumber(value: number, digits = 4): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 10_000) return thousands(value);
  if (magnitude < 0.0001) return value.toExponential(1);
  return String(Number(value.toPrecision(digits)));
}

/** 98.9%, 0.015%, 0.00037%, 1.2e-7% */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (share === 0 || share === 1) return `${percent}%`;
  // 99.98% must not read as 100%
  if (percent > 99) return `${Math.min(percent, 99.999).toFixed(percent > 99.9 ? 3 : 2)}%`;
  return percent < 0.001 ? `${Number(percent.toPrecision(2))}%` : `${Number(percent.toPrecision(3))}%`;
}

/** Gradient norms as short as the regions allow: 0.0333 for M = 30. */
export function formatNorm(g: number): string {
  return String(Number(g.toFixed(4)));
}
