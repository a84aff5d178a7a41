import fc from 'fast-check';
import { seeded } from '../kernels/implementations.ts';

/** Labelled float32 logits. */
export interface Labelled {
  readonly logits: Float32Array;
  readonly codes: Uint8Array;
}

/** Any float32 but NaN, and more often the values detectors give. */
const logit = fc.oneof(
  { weight: 4, arbitrary: fc.float({ min: -12, max: 12, noNaN: true }) },
  { weight: 1, arbitrary: fc.float({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), Infinity, -Infinity) },
);

/** Streams of 1 to 200 samples, at least one of them counted. */
export const labelledStreams: fc.Arbitrary<Labelled> = fc
  .array(fc.tuple(logit, fc.constantFrom(0, 0, 1, 2)), { minLength: 1, maxLength: 200 })
  .filter((samples) => samples.some(([, code]) => code < 2))
  .map((samples) => ({
    logits: Float32Array.from(samples, ([x]) => x),
    codes: Uint8Array.from(samples, ([, code]) => code),
  }));

/** A long-tailed stream as a one-stage detector gives it: an easy mass, a hard shoulder, and foreground on both sides. */
export function detectorStream(samples: number, seed: number): Labelled {
  const next = seeded(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const logits = new Float32Array(samples);
  const codes = new Uint8Array(samples);
  for (let i = 0; i < samples; i++) {
    const kind = uniform();
    codes[i] = kind < 0.02 ? 1 : kind < 0.05 ? 2 : 0;
    logits[i] = codes[i] === 1 ? 1 + 2.5 * normal() : kind < 0.9 ? -7 + 1.5 * normal() : -3 + 2 * normal();
  }
  return { logits, codes };
}

/** z of each counted sample, -x for positives. */
export const marginsOf = ({ logits, codes }: Labelled): number[] =>
  [...logits].flatMap((x, i) => (codes[i] === 2 ? [] : [codes[i] === 1 ? -x : x]));
