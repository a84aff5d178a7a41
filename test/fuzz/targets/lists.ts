import { dirname } from 'node:path';
import { discover } from '../../../src/sources/discover.ts';
import type { FuzzTarget } from '../target.ts';

/** A list of files, `@list.txt`; the only one that there is, is the list itself. */
export const LISTS: readonly FuzzTarget[] = [
  {
    name: 'list',
    file: 'list.txt',
    seeds: () => [Buffer.from('list.txt\n\n./list.txt\r\nlist.txt')],
    words: ['list.txt', './', '../', '*', '@list.txt', '~', '%2e', '\0'],
    read: (path) => discover('@list.txt', '--logits', dirname(path)),
  },
];
