import type { PassDone, PassResult, PassTask, SlotTask } from '../../../workers/protocol.ts';
import { GhmError, interrupted, runError } from '../../errors.ts';
import type { Control } from '../../memory/control.ts';
import type { ShardBoard } from '../../memory/shard-board.ts';
import type { WorkerPool } from '../../worker-pool.ts';
import type { DoneListener } from '../engine.ts';

const PROGRESS_INTERVAL_MS = 100;

/** Deaths on one shard that end the run. */
const MOST_DEATHS = 3;
/** Deaths a thread on no shard, while none is finished. */
const MOST_IDLE_DEATHS = 10;

/** The workers of an engine, and what they share. */
export interface Crew {
  readonly pool: WorkerPool;
  readonly control: Control;
  readonly board: ShardBoard;
  readonly threads: number;
  /** Puts in order what a dead worker left in its slot, and gives its shard back. */
  readonly recover: (slot: number, task: PassTask) => Promise<void>;
  /** A shard as the user knows it. */
  readonly shardName: (shard: number) => string;
}

/** Called from time to time while a pass runs. What it throws ends the run. */
export type Watch = () => void | Promise<void>;

/**
 * Starts one task a slot; each takes shards until none are left. After a failure no further shard is taken, those under
 * way are waited for, and the failure of the earliest shard is thrown: the same one in every run. The shard of a worker that
 * dies is done again by another.
 */
export async function runPass(
  crew: Crew,
  task: PassTask,
  onDone: DoneListener,
  watch: Watch = () => undefined,
): Promise<PassDone[]> {
  const { control } = crew;
  let thrown: { readonly error: unknown } | undefined;
  const failed = (error: unknown): void => {
    thrown ??= { error };
    control.cancel();
  };
  let watching: Promise<void> | undefined;
  const timer = setInterval(() => {
    try {
      // the caller's own error ends the run
      onDone(control.done);
      watching ??= Promise.resolve(watch())
        .catch(failed)
        .finally(() => {
          watching = undefined;
        });
    } catch (error) {
      failed(error);
    }
  }, PROGRESS_INTERVAL_MS);
  const deaths = new Deaths(crew);
  let ended: PromiseSettledResult<PassResult>[];
  try {
    ended = await Promise.allSettled(
      Array.from({ length: crew.threads }, (_, slot) => runSlot(crew, { ...task, slot }, deaths)),
    );
  } finally {
    clearInterval(timer);
    await watching;
  }
  if (thrown) throw thrown.error;
  const done = resultsOf(ended, control);
  if (crew.board.done().includes(0)) throw new Error('a pass ended without all of its shards');
  onDone(control.done);
  return done;
}

/** @throws the failure of the earliest shard */
function resultsOf(ended: readonly PromiseSettledResult<PassResult>[], control: Control): PassDone[] {
  const results = ended.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  const failures = results.filter((result) => !result.ok).sort((a, b) => a.shard - b.shard);
  if (failures.length > 0) {
    if (control.cancelled) throw interrupted();
    const [{ exitCode, message }] = failures;
    throw new GhmError(exitCode, message);
  }
  return results.filter((result) => result.ok);
}

/** One slot's part in the pass, whichever worker stands there; after a death another one. */
async function runSlot({ pool, control, recover, board }: Crew, task: SlotTask, deaths: Deaths): Promise<PassResult> {
  for (;;) {
    try {
      return await pool.run(task);
    } catch (error) {
      const shard = board.takenBy(task.slot);
      await recover(task.slot, task);
      if (control.cancelled) return { ok: false, shard: shard ?? 0, exitCode: 130, message: '' };
      // the failure that is told is another's
      if (control.failed) return { ok: true };
      try {
        deaths.add(shard, error);
      } catch (last) {
        control.fail();
        throw last;
      }
    }
  }
}

/** How often workers died, and where. */
class Deaths {
  private readonly crew: Crew;
  private readonly byShard = new Map<number, number>();
  private elsewhere = 0;
  private doneBefore = 0;

  constructor(crew: Crew) {
    this.crew = crew;
  }

  /** @throws runError at the third on one shard */
  add(shard: number | undefined, error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    if (shard === undefined) {
      const done = this.crew.board.done().reduce((sum, one) => sum + one, 0);
      this.elsewhere = done > this.doneBefore ? 1 : this.elsewhere + 1;
      this.doneBefore = done;
      if (this.elsewhere < MOST_IDLE_DEATHS * this.crew.threads) return;
      throw runError(`a worker thread failed: ${words}`, error);
    }
    const count = (this.byShard.get(shard) ?? 0) + 1;
    this.byShard.set(shard, count);
    if (count < MOST_DEATHS) return;
    throw runError(`${this.crew.shardName(shard)}: ${MOST_DEATHS} worker threads died of it (${words})`, error);
  }
}
