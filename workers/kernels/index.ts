// The one WebAssembly module: kernels over shared memory. Callers own the memory and pass every address.
export { byteSum } from './byte-sum';
export { commitCells, commitSplits } from './commit';
export {
  demoteFloat64,
  narrowToCodes,
  narrowToFloat16,
  swapBytes16,
  swapBytes32,
  swapBytes64,
  widenBfloat16,
  widenFloat16,
} from './convert';
export { countFloat16, countFloat16Negatives, countFloat32, countFloat32Negatives } from './count';
export { commitSets, countSetsFloat16, countSetsFloat32, moveRowSetsFloat16, moveRowSetsFloat32 } from './count-sets';
export {
  countFine, countFineNegatives, moveRowsFine, reweighRowsWindow, weighWindow, weighWindowNegatives,
} from './fine';
export { distancesOfFloat32, distancesOfFloat64 } from './distances';
export { applyWeightsToClasses, applyWeightsToCodes, binaryCodes, classCodes, rowClasses } from './labels';
export { findAtOrAbove } from './find';
export { generateFloat16, generateFloat32 } from './generate';
export { lowBits } from './low-bits';
export { softmaxMargins } from './margins';
export { hasNaNFloat16, hasNaNFloat32 } from './nan';
export { moveRowsFloat16, moveRowsFloat32, reweighRowsFloat16, reweighRowsFloat32 } from './rows';
export { commitSums, softNorms, softTargets, sumSoftLosses } from './soft';
export { streamSum } from './stream';
export { weighFloat16, weighFloat16Negatives, weighFloat32, weighFloat32Negatives } from './weigh';
export { reweighRowSetsFloat16, reweighRowSetsFloat32, weighSetsFloat16, weighSetsFloat32 } from './weigh-sets';
