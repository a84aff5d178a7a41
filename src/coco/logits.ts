import { bitsOfFloat32, float32OfBits } from '../density/cell-values.ts';
import { LOGITS, regionEdges } from '../density/scale.ts';

/** Far above the rounding errors of 1 - p in double precision, far below the distance of two float32 scores. */
const DECIMAL_NOISE = 2 ** -49;

/**
 * Turns scores into the float32 logits that the counting reads, so that each sample lies in the unit region of M that its
 * score says.
 *
 * Detectors round scores to a few decimals, and many of those are edges of regions: 0.9 of a positive is g = 0.1, the
 * first of region 3 of 30. Neither 1 - 0.9 in double precision nor the nearest float32 of ln(0.9 / 0.1) hits an edge, so
 * g is taken up to rounding errors, and the logit is the nearest float32 within the region of g.
 */
export class ScoreLogits {
  private readonly bins: number;
  /** Smallest float32 z in region j, and what ends the last region. */
  private readonly lowest: Float32Array;

  constructor(bins: number) {
    this.bins = bins;
    this.lowest = Float32Array.of(Number.NEGATIVE_INFINITY, ...regionEdges(LOGITS, bins), Number.POSITIVE_INFINITY);
  }

  /** @param score p, from 0 to 1, both included: their logits are the infinities */
  of(score: number, isPositive: boolean): number {
    const g = isPositive ? 1 - score : score;
    const region = Math.min(this.bins - 1, Math.floor((g + DECIMAL_NOISE) * this.bins));
    const nearest = Math.fround(isPositive ? -logit(score) : logit(score));
    const end = this.lowest[region + 1];
    const z = nearest < end || region === this.bins - 1 ? Math.max(nearest, this.lowest[region]) : float32Below(end);
    return isPositive ? -z : z;
  }
}

/** ln(p / (1 - p)), with a logarithm that keeps its digits near p = 0.5. */
function logit(p: number): number {
  if (p < 0.25) return Math.log(p / (1 - p));
  if (p > 0.75) return -Math.log((1 - p) / p);
  return p < 0.5 ? -Math.log1p((1 - 2 * p) / p) : Math.log1p((2 * p - 1) / (1 - p));
}

/** The float32 next to a finite one, downwards. */
function float32Below(value: number): number {
  const bits = bitsOfFloat32(value);
  if (value === 0) return -float32OfBits(1);
  return float32OfBits(value > 0 ? bits - 1 : bits + 1);
}
