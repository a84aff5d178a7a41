const f = Math.fround;

/** Ties to even, as the processor rounds. */
function nearest(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** p r + c in float32, each step rounded. */
const step = (p: number, r: number, c: number): number => f(f(p * r) + f(c));

/** The steps of `expOfNegative`: e^x for x <= 0. */
export function expOfNegative(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x < -87) return 0;
  const n = nearest(f(x * f(Math.LOG2E)));
  const r = f(f(x - f(n * 0.693359375)) - f(n * f(-2.1219444e-4)));
  const series = [1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1, 1];
  return f(series.reduce((p, c) => step(p, r, c), f(1 / 5040)) * 2 ** n);
}

/** The steps of `logOfOnePlus`: ln(1 + e) for 0 <= e <= 1. */
export function logOfOnePlus(e: number): number {
  const s = f(e / f(e + 2));
  const square = f(s * s);
  const series = [1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1];
  return f(f(s + s) * series.reduce((p, c) => step(p, square, c), f(1 / 13)));
}

const scratch = new DataView(new ArrayBuffer(8));

/** The steps of `logOfDouble`: ln x for x >= 1. */
export function logOfDouble(x: number): number {
  scratch.setFloat64(0, x);
  let k = (scratch.getUint32(0) >>> 20) - 1023;
  let m = x / 2 ** k;
  if (m >= 1.5) {
    m /= 2;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let p = 1 / 19;
  for (let odd = 17; odd >= 1; odd -= 2) p = p * square + 1 / odd;
  return k * Math.LN2 + 2 * s * p;
}
