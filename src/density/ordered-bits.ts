import { float32OfBits } from './cell-values.ts';

/** Place of a float32 among all, as an integer 0..2^32 - 1: ascending with its value, -0 just below +0. */
export type Place = number;

/** Place of the float32 of these bits. */
export const placeOfBits = (bits: number): Place => (bits >= 0x8000_0000 ? 0xffff_ffff - bits : bits + 0x8000_0000);

/** Bits of the float32 at a place. */
export const bitsOfPlace = (place: Place): number => (place >= 0x8000_0000 ? place - 0x8000_0000 : 0xffff_ffff - place);

/** The float32 at a place. */
export const valueOfPlace = (place: Place): number => float32OfBits(bitsOfPlace(place));

/** Places of -Infinity and Infinity: all float32 but NaN lie between them. */
export const FIRST_PLACE: Place = placeOfBits(0xff80_0000);
export const LAST_PLACE: Place = placeOfBits(0x7f80_0000);
