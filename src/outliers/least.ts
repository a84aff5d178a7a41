import { FIRST_PLACE, LAST_PLACE, valueOfPlace } from '../density/ordered-bits.ts';
import { gradientNorm, quantityOf, type Scale } from '../density/scale.ts';

/** The least float32 z whose gradient norm, as it is printed, is at least `minG`, 0 to 1. */
export function leastOf(scale: Scale, minG: number): number {
  if (minG <= 0) return quantityOf(scale) === 'margin' ? Number.NEGATIVE_INFINITY : 0;
  // g grows with z: the last place has g = 1
  let low = FIRST_PLACE;
  let high = LAST_PLACE;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (gradientNorm(scale, valueOfPlace(middle)) >= minG) high = middle;
    else low = middle + 1;
  }
  return valueOfPlace(low);
}
