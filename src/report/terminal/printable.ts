/**
 * Text from outside (file names, messages about them) fit for a terminal: without control characters, which could move
 * the cursor or start an escape sequence, and without marks that turn the direction of writing.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '');

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** JSON without characters that a terminal obeys. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Elements of a list that become text at once. */
const ELEMENTS = 1000;

/** An object as a line of such JSON, piece by piece: its lists may be long. */
export function* plainJsonLine(object: unknown): Generator<string> {
  let before = '{';
  for (const [key, field] of Object.entries(Object(object))) {
    if (Array.isArray(field) && field.length > ELEMENTS) {
      yield `${before}${plainJson(key)}:`;
      yield* listPieces(field);
    } else {
      const text = withoutEnds(plainJson({ [key]: field }));
      // JSON has no such value
      if (text === '') continue;
      yield before + text;
    }
    before = ',';
  }
  yield before === '{' ? '{}\n' : '}\n';
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  for (let i = 0; i < list.length; i += ELEMENTS) {
    yield (i === 0 ? '[' : ',') + withoutEnds(plainJson(list.slice(i, i + ELEMENTS)));
  }
  yield ']';
}

const withoutEnds = (text: string): string => text.slice(1, -1);
