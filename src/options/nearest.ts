/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The choice a mistyped word was meant to be: the one it begins, or the nearest within a third of its letters;
 * `undefined` if none is near.
 */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  const typed = word.toLowerCase().replaceAll('_', '-');
  const begun = choices.filter((choice) => typed.length > 1 && choice.toLowerCase().startsWith(typed));
  if (begun.length === 1) return begun[0];
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const choice of choices) {
    const distance = editDistance(typed, choice.toLowerCase().replaceAll('_', '-'));
    if (distance < bestDistance) {
      best = choice;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean NEAREST?`, or nothing. */
export function suggestion(word: string, choices: readonly string[], prefix = ''): string {
  const choice = nearest(word, choices);
  return choice === undefined ? '' : `; did you mean ${prefix}${choice}?`;
}
