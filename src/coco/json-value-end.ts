const BACKSLASH = 0x5c;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** White space of JSON. */
export const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const endsScalar = (byte: number): boolean =>
  isSpace(byte) || byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;

/** What `ValueEnd` answers where the value goes on behind the bytes it was given. */
export const GOES_ON = -1;
/** What it answers where brackets are nested deeper than any data are. */
export const TOO_DEEP = -2;
export const MOST_DEPTH = 1000;

/**
 * Finds where one JSON value ends, from its bytes in pieces of any length: by brackets and quotes alone. Whether it is
 * valid is for `JSON.parse`.
 */
export class ValueEnd {
  private depth = 0;
  private kind: 'unknown' | 'container' | 'text' | 'scalar' = 'unknown';
  private quoted = false;
  private escaped = false;

  /** Whether the value is whole if nothing follows: only a number or a word has no mark at its end. */
  get isWholeAtEnd(): boolean {
    return this.kind === 'scalar';
  }

  /** The index in `bytes` behind the value's last byte, where that lies in `[from, to)`; else `GOES_ON` or `TOO_DEEP`. */
  find(bytes: Uint8Array, from: number, to: number): number {
    if (this.kind === 'unknown' && from < to) this.kind = kindOf(bytes[from]);
    if (this.kind === 'scalar') return findScalarEnd(bytes, from, to);
    let { depth, quoted, escaped } = this;
    for (let at = from; at < to; ) {
      const byte = bytes[at++];
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          quoted = false;
          if (depth === 0) return at;
        }
      } else if (byte === QUOTE) {
        quoted = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (++depth > MOST_DEPTH) return TOO_DEEP;
      } else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) {
        return at;
      }
    }
    this.depth = depth;
    this.quoted = quoted;
    this.escaped = escaped;
    return GOES_ON;
  }
}

function kindOf(byte: number): 'container' | 'text' | 'scalar' {
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return 'container';
  return byte === QUOTE ? 'text' : 'scalar';
}

function findScalarEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (endsScalar(bytes[at])) return at;
  return GOES_ON;
}
