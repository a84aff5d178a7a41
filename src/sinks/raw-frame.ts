import type { Dtype } from '../sources/source.ts';
import { npyFrame } from './npy.ts';
import { npzFrame } from './npz.ts';
import { safetensorsFrame } from './safetensors.ts';

/** The one array of an output file. */
export interface OutputArray {
  /** What the array is called in formats that name their arrays. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * What stands around the rows of an array in a file whose rows lie one after the other, little-endian, in C order: such a
 * file is made before its rows are known, and any number of threads write rows to their places.
 */
export interface RawFrame {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/**
 * The frame of an array, for the CRC-32 of its rows. The lengths of head and tail do not depend on the CRC-32, so that a
 * frame for any other one makes room for it.
 */
export type FrameOf = (array: OutputArray, rowsCrc32: number) => RawFrame;

/** Formats of that kind. */
export type RawFormat = 'npy' | 'npz' | 'safetensors';
export const RAW_FRAMES: Readonly<Record<RawFormat, FrameOf>> = {
  npy: npyFrame,
  npz: npzFrame,
  safetensors: safetensorsFrame,
};
