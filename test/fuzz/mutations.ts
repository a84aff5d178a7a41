import fc from 'fast-check';

/** One change of an input. Places are taken modulo its length, so that any number is one. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'put'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array; readonly times: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'copy'; readonly at: number; readonly from: number; readonly length: number }
  | { readonly kind: 'splice'; readonly at: number; readonly from: number; readonly length: number }
  | { readonly kind: 'number'; readonly at: number; readonly text: string }
  | { readonly kind: 'cut'; readonly at: number };

/** Larger inputs say nothing more. */
const MOST_BYTES = 1 << 16;

const WORDS = [
  ...['{', '}', '[', ']', '(', ')', ',', ':', '"', "'", '\\', '\n', '\r\n', '\0', ' ', '\t', ';'],
  ...['null', 'true', 'NaN', '-Infinity', '"__proto__":', '"constructor":', '"toString"', '__proto__', 'prototype'],
  ...['../../', '/etc/passwd', '..', '\u001b[31m', '\u0085', '\u202e', '<script>', '=1+1', '\ud83d\ude00', '\ufeff'],
];
const NUMBERS = [
  ...['0', '-0', '1', '-1', '2', '7', '255', '256', '65535', '65536', '2147483647', '2147483648', '4294967295'],
  ...['4294967296', '9007199254740991', '9007199254740992', '9223372036854775807', '18446744073709551616'],
  ...[`${'['.repeat(9000)}${']'.repeat(9000)}`, `${'{"a":'.repeat(1500)}0${'}'.repeat(1500)}`],
  ...['1e308', '1e309', '-1e309', '5e-324', '0.1', '1.5', '00', '1e', '0x10'],
];

const place = fc.nat(0x7fff_ffff);
const short = fc.nat(64).map((length) => length + 1);

/** Little-endian and big-endian numbers of all sizes that lie at an edge. */
const edges = fc
  .tuple(
    fc.constantFrom(1, 2, 4, 8),
    fc.constantFrom(0n, 1n, -1n, 0x7fn, 0x80n, 0xffn, 0x7fff_ffffn, 0x8000_0000n, 1n << 62n, 16n, 3n),
    fc.boolean(),
  )
  .map(([size, value, big]) => {
    const bytes = Buffer.alloc(8);
    if (big) bytes.writeBigInt64BE(BigInt.asIntN(64, value << BigInt(64 - 8 * size)));
    else bytes.writeBigInt64LE(value);
    return new Uint8Array(bytes.subarray(0, size));
  });

/** One to six changes of an input. */
export function mutations(words: readonly string[] = []): fc.Arbitrary<Mutation[]> {
  const word = fc.constantFrom(...WORDS, ...words).map((text) => new Uint8Array(Buffer.from(text)));
  const bytes = fc.oneof(edges, word, fc.uint8Array({ minLength: 1, maxLength: 8 }));
  const kinds: fc.Arbitrary<Mutation>[] = [
    fc.record({ kind: fc.constant('flip'), at: place, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('put'), at: place, bytes }),
    fc.record({ kind: fc.constant('insert'), at: place, bytes, times: fc.constantFrom(1, 1, 1, 2, 50, 5000) }),
    fc.record({ kind: fc.constant('remove'), at: place, length: short }),
    fc.record({ kind: fc.constant('copy'), at: place, from: place, length: short }),
    fc.record({ kind: fc.constant('splice'), at: place, from: place, length: short }),
    fc.record({ kind: fc.constant('number'), at: place, text: fc.constantFrom(...NUMBERS) }),
    fc.record({ kind: fc.constant('cut'), at: place }),
  ];
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 6 });
}

/** The input with all changes made, one after the other; `other` is what is spliced in. */
export function mutated(input: Uint8Array, changes: readonly Mutation[], other: Uint8Array): Uint8Array {
  let bytes = Buffer.from(input);
  for (const change of changes) bytes = Buffer.from(changed(bytes, change, other).subarray(0, MOST_BYTES));
  return bytes;
}

function changed(bytes: Buffer, change: Mutation, other: Uint8Array): Buffer {
  const at = change.at % (bytes.length + 1);
  const spliced = (length: number, ...pieces: Uint8Array[]): Buffer =>
    Buffer.concat([bytes.subarray(0, at), ...pieces, bytes.subarray(at + length)]);
  switch (change.kind) {
    case 'flip':
      if (at < bytes.length) bytes[at] ^= 1 << change.bit;
      return bytes;
    case 'put':
      return spliced(change.bytes.length, change.bytes);
    case 'insert':
      return spliced(0, ...Array.from({ length: change.times }, () => change.bytes));
    case 'remove':
      return spliced(change.length);
    case 'copy':
      return spliced(0, pieceOf(bytes, change));
    case 'splice':
      return spliced(change.length, pieceOf(other, change));
    case 'number':
      return numberPut(bytes, at, change.text);
    case 'cut':
      return bytes.subarray(0, at);
  }
}

function pieceOf(bytes: Uint8Array, { from, length }: { readonly from: number; readonly length: number }): Uint8Array {
  const start = from % (bytes.length + 1);
  return bytes.subarray(start, start + length);
}

/** In place of the next decimal number, if there is one. */
function numberPut(bytes: Buffer, at: number, text: string): Buffer {
  const match = /-?\d+(?:\.\d+)?/.exec(bytes.toString('latin1', at));
  if (match === null) return bytes;
  const start = at + match.index;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start + match[0].length)]);
}
