/** A value of the Python literal in an .npy header. Strings keep their escapes as written. */
export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'name'; readonly value: 'True' | 'False' | 'None' }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Literal[] }
  | Dict;

export interface Dict {
  readonly kind: 'dict';
  readonly entries: ReadonlyMap<string, Literal>;
}

/** Makes the error for a position in the text. */
export type Fail = (index: number, expected: string, found: string) => Error;

const MAX_DEPTH = 16;
const isSpace = (char: string): boolean => char !== '' && ' \t\n\r\f'.includes(char);
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/**
 * Reads one Python literal made of strings, integers, True, False, None, tuples, lists and dicts with string keys; blanks
 * around it are allowed, anything else is not. One pass over the text, nothing is evaluated.
 *
 * @throws what `fail` makes, at the first character that does not fit
 */
export function parseLiteral(text: string, fail: Fail): Literal {
  let at = 0;

  const found = (): string => (at < text.length ? JSON.stringify(text.charAt(at)) : 'the end of the header');
  const skipSpace = (): void => {
    while (isSpace(text.charAt(at))) at++;
  };
  const take = (char: string): boolean => {
    skipSpace();
    if (text.charAt(at) !== char) return false;
    at++;
    return true;
  };

  function string(quote: string): string {
    const start = at++;
    while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
    if (at >= text.length) {
      at = text.length;
      throw fail(start, `a closing ${quote} for the string that starts here`, found());
    }
    at++;
    return text.slice(start + 1, at - 1);
  }

  function integer(): Literal {
    const start = at;
    while (isDigit(text.charAt(at))) at++;
    const digits = text.slice(start, at);
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) throw fail(start, 'an integer below 2^53', digits.slice(0, 40));
    if (digits.length > 1 && digits.startsWith('0')) throw fail(start, 'an integer without leading zeros', digits);
    // python 2 wrote long integers as 3L
    if (text.charAt(at) === 'L') at++;
    return { kind: 'integer', value };
  }

  function name(): Literal {
    for (const value of ['True', 'False', 'None'] as const) {
      if (text.startsWith(value, at) && !/\w/.test(text.charAt(at + value.length))) {
        at += value.length;
        return { kind: 'name', value };
      }
    }
    throw fail(at, 'a value', found());
  }

  function items(close: string, depth: number): { items: Literal[]; commas: number } {
    const result: Literal[] = [];
    let commas = 0;
    while (!take(close)) {
      if (result.length > commas) throw fail(at, `',' or '${close}'`, found());
      result.push(value(depth));
      if (take(',')) commas++;
    }
    return { items: result, commas };
  }

  function dict(depth: number): Dict {
    const entries = new Map<string, Literal>();
    let comma = true;
    while (!take('}')) {
      if (!comma) throw fail(at, `',' or '}'`, found());
      const start = at;
      const quote = text.charAt(at);
      if (quote !== "'" && quote !== '"') throw fail(at, 'a quoted key', found());
      const key = string(quote);
      if (entries.has(key)) throw fail(start, 'each key once', `'${key}' again`);
      if (!take(':')) throw fail(at, `':'`, found());
      entries.set(key, value(depth));
      comma = take(',');
    }
    return { kind: 'dict', entries };
  }

  function value(depth: number): Literal {
    skipSpace();
    if (depth > MAX_DEPTH) throw fail(at, `at most ${MAX_DEPTH} nested brackets`, found());
    const char = text.charAt(at);
    if (char === "'" || char === '"') return { kind: 'string', value: string(char) };
    if (isDigit(char)) return integer();
    if (take('{')) return dict(depth + 1);
    if (take('[')) return { kind: 'list', items: items(']', depth + 1).items };
    if (take('(')) {
      const inside = items(')', depth + 1);
      const [only] = inside.items;
      // brackets around one value without a comma are just brackets
      return only !== undefined && inside.commas === 0 ? only : { kind: 'tuple', items: inside.items };
    }
    return name();
  }

  const result = value(0);
  skipSpace();
  if (at < text.length) throw fail(at, 'the end of the header', found());
  return result;
}
