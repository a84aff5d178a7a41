import type { PassDone, PassTask } from '../../../workers/protocol.ts';
import { ExitCode, GhmError } from '../../errors.ts';
import type { DoneListener, Keeper } from '../engine.ts';
import { type Crew, runPass } from './run-pass.ts';

/** A pass's state is kept as often as this, or less often where keeping it takes long. */
const INTERVAL_MS = 1000;
/** Keeping takes at most one part in so many of the time. */
const SPARING = 50;

/** The state of a pass: while it runs, or `undefined` where it cannot be had just now; and when no worker runs. */
interface States<State> {
  during(): State | undefined;
  after(): State;
}

/** Runs a pass, and has its state kept from time to time, at its end, and where it fails in a way that can be gone on from. */
export async function runKept<State>(
  crew: Crew,
  task: PassTask,
  onDone: DoneListener,
  keeper: Keeper<State> | undefined,
  states: States<State>,
): Promise<PassDone[]> {
  if (keeper === undefined) return runPass(crew, task, onDone);
  let due = performance.now() + INTERVAL_MS;
  const watch = async (): Promise<void> => {
    const start = performance.now();
    if (start < due) return;
    const state = states.during();
    if (state !== undefined) await keeper.keep(state);
    const end = performance.now();
    due = end + Math.max(INTERVAL_MS, SPARING * (end - start));
  };
  let result: PassDone[];
  try {
    result = await runPass(crew, task, onDone, watch);
  } catch (error) {
    if (!(error instanceof GhmError) || error.exitCode === ExitCode.badData) throw error;
    // what failed is told, not that this failed too
    await keeper.keep(states.after()).catch(() => undefined);
    throw error;
  }
  await keeper.keep(states.after());
  return result;
}
