import { createRequire } from 'node:module';
import type { EngineName } from '../options/engines.ts';
import { tensorBytes } from './tfjs/tensor-memory.ts';

/** What an engine allows and needs, for the plan of memory. */
export interface EngineNeeds {
  /** The most that it can use. */
  readonly threads: number;
  /** Bytes of each beside its arena. */
  readonly threadBytes: number;
}

/** @param widestRow elements of the widest row of the stream */
export function engineNeeds(engine: EngineName, widestRow: number): EngineNeeds {
  if (engine === 'threads') return { threads: Number.POSITIVE_INFINITY, threadBytes: 0 };
  // the native library has threads of its own
  const isNative = engine === 'tfjs-node' || isInstalled('@tensorflow/tfjs-node');
  return { threads: isNative ? 1 : Number.POSITIVE_INFINITY, threadBytes: tensorBytes(widestRow) };
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
