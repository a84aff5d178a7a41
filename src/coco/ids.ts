import { inputError } from '../errors.ts';
import type { Id } from './json-fields.ts';

/** Below what a Map can hold. */
const MOST_IDS = 16_000_000;

/** The images or the categories of a ground truth: their ids, numbered from 0 in the order they are met. */
export class Ids {
  /** `image`, `category`. */
  readonly noun: string;
  /** The file that declares them, for messages. */
  readonly file: string;
  private readonly numbers = new Map<Id, number>();
  private readonly declared = new Set<Id>();

  constructor(noun: string, file: string) {
    this.noun = noun;
    this.file = file;
  }

  /** How many numbers were given. */
  get size(): number {
    return this.numbers.size;
  }

  /** How many of them to ids that were not declared. */
  get undeclared(): number {
    return this.numbers.size - this.declared.size;
  }

  /** The number of an id, which may be declared later on. */
  numberOf(id: Id): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    const number = this.numbers.size;
    if (number === MOST_IDS) throw inputError(`${this.file}: has more than ${MOST_IDS} ${this.noun} ids`);
    this.numbers.set(id, number);
    return number;
  }

  /** Takes an id into the ground truth. False where it is there already. */
  declare(id: Id): boolean {
    if (this.declared.has(id)) return false;
    this.numberOf(id);
    this.declared.add(id);
    return true;
  }

  has(id: Id): boolean {
    return this.declared.has(id);
  }
}
