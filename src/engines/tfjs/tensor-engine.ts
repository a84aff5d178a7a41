import type { TensorProgram } from '../../../workers/tensor-passes.ts';
import type { TensorEngineName } from '../../options/engines.ts';
import type { List } from '../../shared-list/list.ts';
import type { Part, ReadableArray } from '../../sources/source.ts';
import type { BackendChoice } from '../../tfjs/backend-facts.ts';
import type { Engine } from '../engine.ts';
import { type LocalEngineOptions, withLocalEngine } from '../local/local-engine.ts';

/** The backend that an engine asks for. */
export const choiceOf = (name: TensorEngineName): BackendChoice => (name === 'tfjs' ? 'best' : name);

/**
 * Runs `use` with threads that compute both passes with tensors: slowly, and by the equations themselves, as a second opinion on
 * the kernels.
 *
 * @throws runError where TensorFlow.js, or the library asked for, does not run
 */
export function withTensorEngine<T>(
  name: TensorEngineName,
  options: LocalEngineOptions,
  use: (engine: Engine, parts: List<Part<ReadableArray>>) => Promise<T>,
  choice: BackendChoice = choiceOf(name),
): Promise<T> {
  const data: TensorProgram = { choice, bins: options.bins };
  return withLocalEngine(options, use, { name, file: 'tensor-passes.cjs', data, opens: true });
}
