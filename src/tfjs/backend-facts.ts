/** The packages that compute. */
export const PLAIN = '@tensorflow/tfjs';
export const NATIVE = '@tensorflow/tfjs-node';

/**
 * `best`: TensorFlow's native library where @tensorflow/tfjs-node loads, else plain JavaScript; `cpu`: plain JavaScript;
 * `tfjs-node`: the native library or an error.
 */
export const BACKEND_CHOICES = ['best', 'cpu', 'tfjs-node'] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

/** What computes, and why. Plain data. */
export interface BackendFacts {
  readonly package: typeof PLAIN | typeof NATIVE;
  /** As TensorFlow.js names it: `cpu` is plain JavaScript, `tensorflow` the native library. */
  readonly backend: string;
  readonly version: string;
  readonly why: string;
}
