import { setImmediate } from 'node:timers/promises';
import { interrupted } from './errors.ts';

/**
 * For work on the main thread that goes over many files or sets: awaited now and then, it lets the event loop turn where that
 * has not for a while. Signals, timers and the progress wait for that.
 */
export interface Breathe {
  (): Promise<void> | undefined;
  /** For work elsewhere that can be told to stop. */
  readonly signal: AbortSignal | undefined;
}

/** A signal is seen after this long: much less than a second, and much more than a turn costs. */
const HELD_MS = 50;

/** Lets the event loop turn once. @throws GhmError (interrupted) where the signal says so */
export async function breath(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted) throw interrupted();
}

/** @returns throws `interrupted` where the signal says so */
export function breathing(signal?: AbortSignal): Breathe {
  let due = performance.now() + HELD_MS;
  const turn = async (): Promise<void> => {
    await breath(signal);
    due = performance.now() + HELD_MS;
  };
  const breathe = (): Promise<void> | undefined => {
    if (signal?.aborted) throw interrupted();
    return performance.now() < due ? undefined : turn();
  };
  return Object.assign(breathe, { signal });
}
