/**
 * Compares names as people count: runs of digits by their number, everything else by UTF-16 code unit; `part2` before
 * `part10`. A total order that depends on no locale: names equal up to leading zeros are told apart by code unit.
 */
export function compareNatural(a: string, b: string): number {
  const left = tokens(a);
  const right = tokens(b);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = compareTokens(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length || compareUnits(a, b);
}

/** The digits of a number without its leading zeros: `00120` is `120`, `000` is `0`. */
export const plainNumber = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

const compareUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Each run of digits is a token, each other character one. A slash comes first, so that folders stay together. */
const tokens = (name: string): string[] => name.replaceAll('/', '\0').match(/[0-9]+|[^0-9]/g) ?? [];

const isNumber = (token: string): boolean => token >= '0' && token < ':';

function compareTokens(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) return compareUnits(a.charAt(0), b.charAt(0));
  const left = plainNumber(a);
  const right = plainNumber(b);
  return left.length - right.length || compareUnits(left, right);
}
