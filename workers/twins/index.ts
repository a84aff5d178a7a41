import type { Kernels } from '../kernel-interface.ts';
import { scalarByteSum } from './byte-sum.ts';
import { scalarConversions } from './convert.ts';
import { scalarCounting } from './count.ts';
import { scalarDerived } from './derived.ts';
import { scalarFinding } from './find.ts';
import { scalarFineCells } from './fine.ts';
import { scalarLabels } from './labels.ts';
import { scalarSets } from './sets.ts';
import { ScalarMemory } from './tables.ts';
import { scalarWeighing } from './weigh.ts';

/** The kernels in plain TypeScript: what the WebAssembly ones have to compute, one sample at a time. */
export function scalarKernels(buffer: ArrayBufferLike): Kernels {
  const memory = new ScalarMemory(buffer);
  return {
    ...scalarCounting(memory),
    ...scalarWeighing(memory),
    ...scalarConversions(memory),
    ...scalarLabels(memory),
    ...scalarFineCells(memory),
    ...scalarDerived(memory),
    ...scalarSets(memory),
    ...scalarFinding(memory),
    ...scalarByteSum(memory),
  };
}
