import type { FuzzTarget } from './target.ts';
import { ARRAYS } from './targets/arrays.ts';
import { COCO } from './targets/coco.ts';
import { DOCUMENTS } from './targets/documents.ts';
import { LISTS } from './targets/lists.ts';
import { STATE } from './targets/state.ts';

/** Every parser of files that others may have made. */
export const TARGETS: readonly FuzzTarget[] = [...ARRAYS, ...COCO, ...LISTS, ...DOCUMENTS, ...STATE];
