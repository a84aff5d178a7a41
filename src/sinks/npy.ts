import { npyHeader } from '../sources/npy/header.ts';
import type { OutputArray, RawFrame } from './raw-frame.ts';

/** An `.npy` file: a header, then the rows. */
export const npyFrame = ({ shape, dtype }: OutputArray): RawFrame => ({
  head: npyHeader(shape, dtype),
  tail: new Uint8Array(0),
});
