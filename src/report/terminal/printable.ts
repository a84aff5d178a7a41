import { jsonPieces } from '../../json-pieces.ts';

/**
 * Text from outside (file names, messages about them) fit for a terminal: without control characters, which could move
 * the cursor or start an escape sequence, and without marks that turn the direction of writing.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '');

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** JSON without characters that a terminal obeys. */
export const plainJson = (value: unknown): string => withoutControls(JSON.stringify(value));

/** An object as a line of such JSON, piece by piece. */
export function* plainJsonLine(object: unknown): Generator<string> {
  for (const piece of jsonPieces(object)) yield withoutControls(piece);
  yield '\n';
}

/** JSON text with all controls escaped; JSON.stringify escapes those of ASCII. */
const withoutControls = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
