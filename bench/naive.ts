/**
 * The obvious loops: what one writes from the definition, g = |sigmoid(x) - y|, region floor(g M), in JavaScript, with
 * care (typed arrays, one pass, nothing allocated, no calls but Math.exp). They are what the kernels are measured and
 * checked against. Each returns one of its results, to be looked at.
 */

/** Adds the samples to counts [bins]. Labels are 0 or 1. */
export function countLoop(logits: Float32Array, labels: Uint8Array, counts: Float64Array): number {
  const bins = counts.length;
  for (let i = 0; i < logits.length; i++) {
    const g = Math.abs(1 / (1 + Math.exp(-logits[i])) - labels[i]);
    const region = (g * bins) | 0;
    counts[region < bins ? region : bins - 1]++;
  }
  return counts[0];
}

/** The same for logits [rows, width] and one class a row; -1 is background. */
export function countRowsLoop(logits: Float32Array, classes: Int32Array, width: number, counts: Float64Array): number {
  const bins = counts.length;
  for (let row = 0, i = 0; row < classes.length; row++) {
    const foreground = classes[row];
    for (let column = 0; column < width; column++, i++) {
      const p = 1 / (1 + Math.exp(-logits[i]));
      const g = column === foreground ? 1 - p : p;
      const region = (g * bins) | 0;
      counts[region < bins ? region : bins - 1]++;
    }
  }
  return counts[0];
}

/** The same for float16 logits; `values` gives the number each of the 65,536 stands for. */
export function countHalfLoop(
  logits: Uint16Array,
  values: Float32Array,
  labels: Uint8Array,
  counts: Float64Array,
): number {
  const bins = counts.length;
  for (let i = 0; i < logits.length; i++) {
    const g = Math.abs(1 / (1 + Math.exp(-values[logits[i]])) - labels[i]);
    const region = (g * bins) | 0;
    counts[region < bins ? region : bins - 1]++;
  }
  return counts[0];
}

/** Writes the weight of every sample: beta [bins] of its region. */
export function weighLoop(logits: Float32Array, labels: Uint8Array, beta: Float32Array, out: Float32Array): number {
  const bins = beta.length;
  for (let i = 0; i < logits.length; i++) {
    const g = Math.abs(1 / (1 + Math.exp(-logits[i])) - labels[i]);
    const region = (g * bins) | 0;
    out[i] = beta[region < bins ? region : bins - 1];
  }
  return out[out.length - 1];
}
