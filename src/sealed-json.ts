import { createHash } from 'node:crypto';
import { jsonPieces } from './json-pieces.ts';

/** The seal of a document: SHA-256 of its JSON text without spaces, hexadecimal. It stands as `sha256` at its end. */
export function sealOf(document: object): string {
  const hash = createHash('sha256');
  for (const piece of jsonPieces(document)) hash.update(piece);
  return hash.digest('hex');
}
