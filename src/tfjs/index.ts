export type { Density } from '../density/density.ts';
export { GhmError } from '../errors.ts';
export { type TensorBackend, tensorBackend } from './backend.ts';
export type { BackendChoice, BackendFacts } from './backend-facts.ts';
export { authenticSmoothL1, crossEntropy, focalLoss } from './elementwise.ts';
export { ghmcLoss } from './ghmc-loss.ts';
export { ghmrLoss } from './ghmr-loss.ts';
export type { GhmcOptions, GhmrOptions, Reduction, WeightOptions } from './loss-options.ts';
export type { TensorLoss } from './weighted-loss.ts';
