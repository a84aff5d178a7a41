import type { Place } from '../src/density/ordered-bits.ts';

/** The most samples a list holds: twice as many are numbered in the 21 bits that a place leaves of a double. */
export const MOST_HELD = 1_000_000;

const NUMBERS = 2 ** 21;
const FIRST_ROOM = 64;

/**
 * The `top` samples of greatest z among those offered, which come in the order of the stream: of equal ones the first
 * stay. Room for twice as many; when it is full, the lesser half goes.
 */
export class Hardest {
  /** Samples held: more than `top` between two cuts. */
  length = 0;
  /** Only samples at or above this place of z can still enter. */
  least: Place;
  private readonly top: number;
  private places: Float64Array;
  private parts: Float64Array;
  private samples: Float64Array;

  /** @param top 1 to MOST_HELD */
  constructor(top: number, least: Place) {
    this.top = top;
    this.least = least;
    const room = Math.min(2 * top, FIRST_ROOM);
    this.places = new Float64Array(room);
    this.parts = new Float64Array(room);
    this.samples = new Float64Array(room);
  }

  /** A sample: the place of its z, its part, and its number within the part, row * C + class. */
  offer(place: Place, part: number, sample: number): void {
    if (place < this.least) return;
    if (this.length === this.places.length) {
      if (this.length < 2 * this.top) this.grow();
      else {
        this.cut();
        if (place < this.least) return;
      }
    }
    this.places[this.length] = place;
    this.parts[this.length] = part;
    this.samples[this.length] = sample;
    this.length++;
  }

  /** Calls `visit` with what is held, the hardest first. */
  each(visit: (place: Place, part: number, sample: number) => void): void {
    this.cut();
    for (let i = 0; i < this.length; i++) visit(this.places[i], this.parts[i], this.samples[i]);
  }

  private grow(): void {
    const room = Math.min(2 * this.top, 2 * this.length);
    const larger = (from: Float64Array): Float64Array => {
      const to = new Float64Array(room);
      to.set(from);
      return to;
    };
    this.places = larger(this.places);
    this.parts = larger(this.parts);
    this.samples = larger(this.samples);
  }

  /** Sorts what is held and drops what is beyond `top`. */
  private cut(): void {
    const { places, parts, samples, length, top } = this;
    // place and number in one double: sorted by native code, equal places in the order they came
    const order = Float64Array.from({ length }, (_, i) => places[i] * NUMBERS + (NUMBERS - 1 - i))
      .sort()
      .reverse()
      .subarray(0, top)
      .map((key) => NUMBERS - 1 - (key % NUMBERS));
    const inOrder = (from: Float64Array): void => from.set(order.map((i) => from[i]));
    inOrder(places);
    inOrder(parts);
    inOrder(samples);
    this.length = order.length;
    // a later sample has to be harder than the last: equal ones stay with the first
    if (this.length === top) this.least = Math.max(this.least, places[top - 1] + 1);
  }
}
