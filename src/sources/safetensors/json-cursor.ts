/** Makes the error for a position in the text. */
export type Fail = (index: number, expected: string, found: string) => Error;

const SHOWN = 12;
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/**
 * Reads JSON of a form that the caller knows beforehand, piece by piece in one pass. What the caller does not ask for is
 * an error, so nothing can be nested deeper than the caller goes, and a key is never there twice.
 */
export class JsonCursor {
  readonly #text: string;
  readonly #fail: Fail;
  #at = 0;

  constructor(text: string, fail: Fail) {
    this.#text = text;
    this.#fail = fail;
  }

  /** An object; `visit` reads the value of each key. */
  object(visit: (key: string) => void): void {
    const keys = new Set<string>();
    this.#list('{', '}', () => {
      this.#skipSpace();
      const start = this.#at;
      const key = this.string();
      if (keys.has(key)) throw this.#error('another key', start);
      keys.add(key);
      this.#need(':');
      visit(key);
    });
  }

  /** A list of `most` integers at most, each from 0 and below 2^53. */
  integers(most: number): number[] {
    const list: number[] = [];
    this.#list('[', ']', () => {
      if (list.length === most) throw this.#error(`a list of ${most} at most`, this.#at);
      list.push(this.#integer());
    });
    return list;
  }

  string(): string {
    this.#skipSpace();
    const start = this.#at;
    const text = this.#text;
    if (text.charAt(start) !== '"') throw this.#error('a text in double quotes', start);
    let end = start + 1;
    while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1;
    try {
      const value: unknown = JSON.parse(text.slice(start, end + 1));
      this.#at = end + 1;
      return String(value);
    } catch {
      throw this.#error('a text in double quotes', start);
    }
  }

  /** @throws where anything but blanks follows */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error('nothing more', this.#at);
  }

  #integer(): number {
    this.#skipSpace();
    const start = this.#at;
    while (isDigit(this.#text.charAt(this.#at))) this.#at++;
    const value = this.#at === start || this.#at - start > 16 ? Number.NaN : Number(this.#text.slice(start, this.#at));
    if (!Number.isSafeInteger(value)) throw this.#error('an integer from 0 to 2^53 - 1', start);
    return value;
  }

  /** Comma-separated items between brackets. */
  #list(open: string, close: string, readItem: () => void): void {
    this.#need(open);
    if (this.#take(close)) return;
    do readItem();
    while (this.#take(','));
    this.#need(close);
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at++;
    return true;
  }

  #need(char: string): void {
    if (!this.#take(char)) throw this.#error(`'${char}'`, this.#at);
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
  }

  #error(expected: string, at: number): Error {
    const rest = this.#text.slice(at, at + SHOWN);
    return this.#fail(at, expected, rest === '' ? 'the end of the header' : JSON.stringify(rest));
  }
}
