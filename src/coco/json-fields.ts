import { isUtf8 } from 'node:buffer';
import { inputError } from '../errors.ts';
import type { Box } from './iou.ts';

/** A parsed object. Keys are the file's: only own ones are ever looked up, by name. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Of an image or a category: COCO's are integers; other tools' are texts now and then. */
export type Id = number | string;

const MOST_SHOWN = 60;

/** Reads the fields of one element; messages begin with where it is: `results.json, entry 5 (byte 731)`. */
export class Fields {
  private readonly object: JsonObject;
  private readonly where: () => string;

  /** @throws inputError where the bytes are not a JSON object */
  constructor(bytes: Buffer, where: () => string) {
    this.where = where;
    this.object = this.parse(bytes);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.object, key);
  }

  /** @throws inputError */
  error(message: string): Error {
    return inputError(`${this.where()}: ${message}`);
  }

  id(key: string): Id {
    const value = this.get(key);
    if ((typeof value === 'number' && Number.isSafeInteger(value)) || typeof value === 'string') return value;
    throw this.expected(key, 'an integer or a text', value);
  }

  integer(key: string): number {
    const value = this.get(key);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw this.expected(key, 'an integer', value);
  }

  /** 0 or 1, false or true; 0 where it is missing, as older files have it. */
  flag(key: string): boolean {
    const value = this.get(key) ?? 0;
    if (value === 0 || value === 1 || typeof value === 'boolean') return Boolean(value);
    throw this.expected(key, '0 or 1', value);
  }

  /** A number that is not negative; `otherwise` where it is missing. */
  size(key: string, otherwise: number): number {
    const value = this.get(key) ?? otherwise;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw this.expected(key, 'a finite number of 0 or more', value);
  }

  /** From 0 to 1. */
  score(): number {
    const value = this.get('score');
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    const advice = typeof value === 'number' ? '. If these are logits, give their sigmoid' : '';
    throw this.expected('score', 'a number from 0 to 1', value, advice);
  }

  /** `[x, y, width, height]`. */
  box(): Box {
    const value = this.get('bbox');
    if (Array.isArray(value) && value.length === 4) {
      const [x, y, width, height]: readonly unknown[] = value;
      if (isNumber(x) && isNumber(y) && isNumber(width) && isNumber(height) && width >= 0 && height >= 0)
        return { x, y, width, height };
    }
    throw this.expected('bbox', '[x, y, width, height], finite, sizes not negative', value, this.boxAdvice());
  }

  private boxAdvice(): string {
    const other = ['segmentation', 'keypoints'].find((key) => this.has(key));
    return this.has('bbox') || other === undefined
      ? ''
      : `. It has ${other}; only boxes are matched: give the bbox results of the same detections`;
  }

  private get(key: string): unknown {
    return Object.hasOwn(this.object, key) ? this.object[key] : undefined;
  }

  private expected(key: string, what: string, value: unknown, advice = ''): Error {
    return this.error(`expected ${key} to be ${what}, found ${shown(value)}${advice}`);
  }

  private parse(bytes: Buffer): JsonObject {
    if (!isUtf8(bytes)) throw this.error('not JSON: expected UTF-8, found other bytes');
    const text = bytes.toString();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.error(`not JSON: ${invalid(text)}`);
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw this.error(`expected an object, found ${shown(value)}`);
  }
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** A value in a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_, part) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

/** Why a text may not be JSON: Python writes numbers that JSON does not have. */
function invalid(text: string): string {
  const token = /-?(?:NaN|Infinity)/.exec(text.replace(/"(?:[^"\\]|\\.)*"/gs, '""'))?.[0];
  if (token !== undefined)
    return `found ${token}, a number that JSON does not have; drop the entry or mend its numbers`;
  return `found ${text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text}`;
}
