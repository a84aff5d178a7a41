/**
 * Compares names as people count: runs of digits by their number, everything else by UTF-16 code unit; `part2` before
 * `part10`. A slash comes first, so that folders stay together. A total order that depends on no locale: names equal up to
 * leading zeros are told apart by code unit.
 */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(j);
    if (isDigit(left) && isDigit(right)) {
      const [endOfLeft, endOfRight] = [endOfDigits(a, i), endOfDigits(b, j)];
      const order = compareNumbers(a.slice(i, endOfLeft), b.slice(j, endOfRight));
      if (order !== 0) return order;
      i = endOfLeft;
      j = endOfRight;
    } else {
      if (left !== right) return place(left) - place(right);
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j) || compareUnits(a, b);
}

/** The digits of a number without its leading zeros: `00120` is `120`, `000` is `0`. */
export const plainNumber = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

const SLASH = 0x2f;
const place = (unit: number): number => (unit === SLASH ? 0 : unit);

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

function endOfDigits(name: string, start: number): number {
  let end = start;
  while (end < name.length && isDigit(name.charCodeAt(end))) end++;
  return end;
}

function compareNumbers(a: string, b: string): number {
  const left = plainNumber(a);
  const right = plainNumber(b);
  return left.length - right.length || compareUnits(left, right);
}

const compareUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
