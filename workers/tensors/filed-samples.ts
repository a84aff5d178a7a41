import { bitsOfFloat32, float16OfBits, float32OfBits, valueOfBits } from '../../src/density/cell-values.ts';
import { CELLS, NEGATIVE, POSITIVE } from '../../src/density/cells.ts';
import { placeOfBits, valueOfPlace } from '../../src/density/ordered-bits.ts';
import { isNaNCell, partitionOf } from '../../src/density/partition.ts';
import { Regions } from '../../src/density/regions.ts';
import { coordinateOf, regionEdges } from '../../src/density/scale.ts';
import { runError } from '../../src/errors.ts';
import type { LoadedChunk } from '../chunk.ts';
import type { WorkerState } from '../worker-state.ts';

/** No region: the sample is left out, or is NaN. */
export const NO_REGION = -1;
const CUT = -1;
const IGNORED = 2;

/**
 * Files samples, whose regions were computed from their norms, under the cells of their numbers. Rounded norms may put a
 * sample that is all but on an edge in the region beside that of its number: then its number is replaced by the nearest one of
 * the region computed, so that counts by cell have the regions that were computed.
 */
export class SampleFiler {
  private readonly regions: Regions;
  private readonly edges: Float32Array;
  /** [2 codes][CELLS] the region of a cell, `CUT` where it has several. */
  private readonly ofCell: Int32Array;

  constructor({ kind, scale }: Pick<WorkerState, 'kind' | 'scale'>, bins: number) {
    const { firstThreshold } = partitionOf({ kind, scale, bins });
    this.regions = new Regions(bins, scale);
    this.edges = regionEdges(scale, bins);
    this.ofCell = new Int32Array(2 * CELLS).fill(CUT);
    for (const code of [NEGATIVE, POSITIVE] as const) {
      for (let cell = 0; cell < CELLS; cell++) {
        if (isNaNCell(kind, cell) || firstThreshold[cell] !== firstThreshold[cell + 1]) continue;
        const value = valueOfBits(kind, kind === 'float16' ? cell : cell * 0x1_0000);
        this.ofCell[code * CELLS + cell] = this.regions.of(coordinateOf(code, value));
      }
    }
  }

  /** Makes numbers and regions agree; samples that have none get `NO_REGION`. */
  settle(state: WorkerState, { logits, samples }: LoadedChunk, regions: Int32Array): void {
    const { memory, arena, kind } = state;
    const isHalf = kind === 'float16';
    const codes = new Uint8Array(memory.buffer, arena.codes, samples);
    const bits = isHalf
      ? new Uint16Array(memory.buffer, logits, samples)
      : new Uint32Array(memory.buffer, logits, samples);
    for (let i = 0; i < samples; i++) {
      const code = codes[i];
      if (code === IGNORED) {
        regions[i] = NO_REGION;
        continue;
      }
      const cell = isHalf ? bits[i] : bits[i] >>> 16;
      if (this.ofCell[code * CELLS + cell] === regions[i]) continue;
      const value = isHalf ? float16OfBits(bits[i]) : float32OfBits(bits[i]);
      if (Number.isNaN(value)) {
        regions[i] = NO_REGION;
        continue;
      }
      const label = code === POSITIVE ? POSITIVE : NEGATIVE;
      const own = this.regions.of(coordinateOf(label, value));
      if (own === regions[i]) continue;
      if (Math.abs(own - regions[i]) > 1) {
        throw runError(`tensors put ${value}, label ${label}, in region ${regions[i]}, which is not beside ${own}`);
      }
      bits[i] = isHalf
        ? this.nearestHalf(bits[i], label, regions[i])
        : bitsOfFloat32(coordinateOf(label, this.nearest(own, regions[i])));
    }
  }

  /** The z of the region beside `own` that is nearest to it. */
  private nearest(own: number, region: number): number {
    const { edges } = this;
    return region > own ? edges[own] : valueOfPlace(placeOfBits(bitsOfFloat32(edges[region])) - 1);
  }

  /** The bits of the float16 nearest to this one that lies in the region; its own where none does. */
  private nearestHalf(bits: number, label: typeof NEGATIVE | typeof POSITIVE, region: number): number {
    const placeOf = (half: number): number => (half >= 0x8000 ? 0xffff - half : half + 0x8000);
    const bitsOf = (place: number): number => (place >= 0x8000 ? place - 0x8000 : 0xffff - place);
    for (let step = 1; step < CELLS; step++) {
      for (const place of [placeOf(bits) - step, placeOf(bits) + step]) {
        if (place < 0 || place >= CELLS) continue;
        const value = float16OfBits(bitsOf(place));
        if (!Number.isNaN(value) && this.regions.of(coordinateOf(label, value)) === region) return bitsOf(place);
      }
    }
    return bits;
  }
}
