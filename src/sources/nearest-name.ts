import { editDistance } from '../options/nearest.ts';

/**
 * The one of `names` that is most likely meant by `name`: at most 2 edits away, or a fifth of its length; `null` if none.
 * Of several equally near, the first.
 */
export function nearestName(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 5)) + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}
