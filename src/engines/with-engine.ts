import type { EngineName, TensorEngineName } from '../options/engines.ts';
import type { List } from '../shared-list/list.ts';
import type { Part, ReadableArray } from '../sources/source.ts';
import type { Engine } from './engine.ts';
import { type LocalEngineOptions, withLocalEngine } from './local/local-engine.ts';

/** Starts an engine, runs `use` with it and the parts as its workers read them, and ends it. */
type WithEngine = <T>(
  options: LocalEngineOptions,
  use: (engine: Engine, parts: List<Part<ReadableArray>>) => Promise<T>,
) => Promise<T>;

/** Engines by name; all but the default are loaded when they are asked for. */
const ENGINES: Readonly<Record<EngineName, () => WithEngine | Promise<WithEngine>>> = {
  threads: () => withLocalEngine,
  tfjs: () => tensors('tfjs'),
  'tfjs-node': () => tensors('tfjs-node'),
};

async function tensors(name: TensorEngineName): Promise<WithEngine> {
  const { withTensorEngine } = await import('./tfjs/tensor-engine.ts');
  return (options, use) => withTensorEngine(name, options, use);
}

/** Runs `use` with the engine that was asked for. */
export async function withEngine<T>(
  options: LocalEngineOptions & { readonly engine: EngineName },
  use: (engine: Engine, parts: List<Part<ReadableArray>>) => Promise<T>,
): Promise<T> {
  const start = await ENGINES[options.engine]();
  return start(options, use);
}
