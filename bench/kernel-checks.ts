import { betaTable } from '../src/density/beta-table.ts';
import type { CellCounts } from '../src/density/cells.ts';
import type { Density } from '../src/density/density.ts';
import { unitRegionDensity } from '../src/density/unit-regions.ts';
import type { StreamInMemory } from './data.ts';
import { type KernelMemory, setWeights, takeCounts } from './kernel-memory.ts';
import { weighPass } from './kernel-passes.ts';

/**
 * A double-precision sigmoid is itself rounded, so that a sample next to an edge may fall on its wrong side. With
 * edges at 53 bits and logits at 24 that is expected for none of 1e9 samples; more than this is a defect.
 */
const ALLOWED_SHARE = 1e-7;

const bitsOf = (weight: number): number => new Uint32Array(Float32Array.of(weight).buffer)[0];

/** Takes the counts of the passes since the last call. */
export const densityOf = (k: KernelMemory): Density => densityFrom(k, takeCounts(k));

const densityFrom = ({ partition: { bins } }: KernelMemory, counts: CellCounts): Density =>
  unitRegionDensity(counts, { bins, normalize: 'valid-bins', maxWeight: undefined, meanOne: false });

/** How many samples the loop put into another region than the kernels did. @throws where they are more than a handful */
export function checkCounts(k: KernelMemory, loop: Float64Array, samples: number): string {
  const cells = takeCounts(k);
  const { counts, total } = densityFrom(k, cells);
  if (total !== samples) throw new Error(`the kernels counted ${total} samples of ${samples}`);
  const different = counts.reduce((sum, kernel, region) => sum + Math.abs(kernel - loop[region]), 0) / 2;
  if (different > Math.max(2, ALLOWED_SHARE * samples)) {
    throw new Error(`counts differ for ${different} samples: loop ${[...loop].join(' ')}, kernels ${counts.join(' ')}`);
  }
  return `counts agree with the loop but for ${different} of ${samples} samples; ${((100 * inCutCells(k, cells)) / samples).toFixed(3)} % lie in cut cells`;
}

function inCutCells({ partition: { firstThreshold } }: KernelMemory, { cells }: CellCounts): number {
  let sum = 0;
  for (const table of cells) {
    for (let cell = 0; cell < table.length; cell++) {
      if (firstThreshold[cell] !== firstThreshold[cell + 1]) sum += table[cell];
    }
  }
  return sum;
}

/** Puts the weights of a density where the kernels look them up; returns them as the loop wants them. */
export function useDensity(k: KernelMemory, density: Density): Float32Array {
  setWeights(k, betaTable(k.partition, density.beta, bitsOf));
  return Float32Array.from(density.beta);
}

/** How many weights differ from the loop's. @throws where they are more than a handful */
export function checkWeights(k: KernelMemory, stream: StreamInMemory, loop: Float32Array): string {
  weighPass(k, stream);
  const kernel = new Float32Array(k.memory.buffer, stream.out, stream.samples);
  let different = 0;
  for (let i = 0; i < stream.samples; i++) if (kernel[i] !== loop[i]) different++;
  if (different > Math.max(2, ALLOWED_SHARE * stream.samples)) throw new Error(`${different} weights differ`);
  return `weights agree with the loop but for ${different} of ${stream.samples} samples`;
}
