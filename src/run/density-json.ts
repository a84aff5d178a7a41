import type { Density } from '../density/density.ts';

/**
 * The text of density.json. Lists have a line for each number, but those of groups and batches, of which there may be a
 * hundred thousand: they stand on one line, or one a group.
 */
export function densityJson(density: Density): string {
  const { groups, batches, ...whole } = density;
  const text = JSON.stringify(whole, null, 2);
  const sets = Object.entries({ groups, batches }).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(key)}: {\n${membersOf(value)}\n  }`],
  );
  return `${[text.slice(0, -2), ...sets].join(',\n')}\n}\n`;
}

const membersOf = (set: object): string =>
  Object.entries(set)
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${linesOf(value)}`)
    .join(',\n');

function linesOf(value: unknown): string {
  if (!Array.isArray(value) || !value.some(Array.isArray)) return JSON.stringify(value);
  return `[\n${value.map((list) => `      ${JSON.stringify(list)}`).join(',\n')}\n    ]`;
}
