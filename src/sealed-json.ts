import { createHash } from 'node:crypto';

/** The seal of a document: SHA-256 of its JSON text without spaces, hexadecimal. It stands as `sha256` at its end. */
export const sealOf = (document: object): string => createHash('sha256').update(JSON.stringify(document)).digest('hex');
