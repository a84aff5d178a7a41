/** The windowed density by its definition, equations (4)-(7), from the sorted gradient norms of all samples. */

/** How many of an ascending list are below t. */
function below(ascending: Float64Array, t: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** N / GD of each sample, given by its z, and g by z; in double precision. */
export function sortedBeta(z: ArrayLike<number>, epsilon: number, norm = sigmoid): Float64Array {
  // 1 - sigmoid(z) would lose the digits of a g close to 1
  const complement = norm === sigmoid ? (one: number) => sigmoid(-one) : (one: number) => 1 - norm(one);
  const g = Float64Array.from(z, norm);
  const sorted = g.toSorted();
  return g.map((one, i) => {
    const [from, to] = [one - epsilon / 2, one + epsilon / 2];
    // min(to, 1) - max(from, 0) would lose the digits of a narrow window
    const length = Math.min(epsilon / 2, one) + Math.min(epsilon / 2, complement(z[i]));
    return (g.length * length) / (below(sorted, to) - below(sorted, from));
  });
}
