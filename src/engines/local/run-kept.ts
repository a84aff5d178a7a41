import type { PassDone, PassTask } from '../../../workers/protocol.ts';
import { ExitCode, GhmError } from '../../errors.ts';
import { stepClock } from '../../journal/step-clock.ts';
import type { DoneListener, Keeper } from '../engine.ts';
import { type Crew, runPass } from './run-pass.ts';

/** A pass's state is kept as often as this, or less often where keeping it takes long. */
const INTERVAL_MS = 1000;

/** How the state of a pass is kept. */
interface Keeping<State> {
  /** The state while it runs; `undefined` where it cannot be had just now. */
  during(): State | undefined;
  /** The state when no worker runs; absent where it need not be kept then. */
  after?(): State;
  /** Keeping takes at most one part in so many of the time. */
  readonly sparing: number;
}

/** Runs a pass, and has its state kept from time to time, at its end, and where it fails in a way that can be gone on from. */
export async function runKept<State>(
  crew: Crew,
  task: PassTask,
  onDone: DoneListener,
  keeper: Keeper<State> | undefined,
  { during, after, sparing }: Keeping<State>,
): Promise<PassDone[]> {
  if (keeper === undefined) return runPass(crew, task, onDone);
  let due = stepClock.now() + INTERVAL_MS;
  const watch = async (): Promise<void> => {
    const start = stepClock.now();
    if (start < due) return;
    const state = during();
    if (state !== undefined) await keeper.keep(state);
    const end = stepClock.now();
    due = end + Math.max(INTERVAL_MS, sparing * (end - start));
  };
  let result: PassDone[];
  try {
    result = await runPass(crew, task, onDone, watch);
  } catch (error) {
    if (!(error instanceof GhmError) || error.exitCode === ExitCode.badData) throw error;
    // what failed is told, not that this failed too
    if (after) await keeper.keep(after()).catch(() => undefined);
    throw error;
  }
  if (after) await keeper.keep(after());
  return result;
}
