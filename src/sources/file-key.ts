import { basename } from 'node:path';
import { plainNumber } from './natural-order.ts';

/** What a file holds or how, not which file it is. */
const ROLE = new Set(
  'logit logits label labels weight weights target targets cls class score scores pred preds gt npy float int'.split(
    ' ',
  ),
);
const DTYPE = /(?<![\p{L}\d])(?:bf|f|fp|float|i|int|u|uint)(?:8|16|32|64)(?![\p{L}\d])/gu;

const tokensOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .replace(DTYPE, ' ')
      .match(/\p{L}+|[0-9]+/gu) ?? []
  )
    .filter((token) => !ROLE.has(token))
    .map(plainNumber);

const isNumber = (token: string): boolean => /^[0-9]/.test(token);

/** The words and numbers of a file's own name without those that say what it holds: `part.1` of `part-001.logits.npy`. */
export const stemKey = (path: string): string => tokensOf(basename(path)).join('.');

/** The same of the whole path, for files that only their folders tell apart. */
export const pathKey = (path: string): string => tokensOf(path).join('.');

/** The numbers of a file's own name: `3.12` of `epoch3_img012.logits.npy`. Dtypes such as `f16` are no numbers. */
export const numbersKey = (path: string): string => tokensOf(basename(path)).filter(isNumber).join('.');

/** The last number of a file's own name, without leading zeros; `null` if there is none. */
export const lastNumber = (path: string): string | null => tokensOf(basename(path)).filter(isNumber).at(-1) ?? null;
