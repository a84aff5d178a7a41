import { BULLMQ, ENGINES } from '../options/engines.ts';
import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';
import type { Session } from './session.ts';

const group = 'Run:';

/** How many threads. */
export const threadsFlag: Flags = {
  threads: { kind: 'value', group, describe: 'worker threads, 1 to 1024 (default: the available cores)' },
};

/** What both passes run with. */
export const poolFlags: Flags = {
  ...threadsFlag,
  memory: { kind: 'value', group, describe: 'buffers of all threads, 8MiB to 3.5GiB (default 256MiB)' },
};

/** What both passes run on. */
export const engineFlag: Flags = {
  engine: {
    kind: 'value',
    group,
    describe: 'what computes: threads (default), tfjs or tfjs-node (tensors, as a second opinion)',
    choices: ENGINES,
  },
};

/** The same of the main job, which workers on other machines can do too. */
export const reweightEngineFlag: Flags = {
  engine: {
    kind: 'value',
    group,
    describe: `${engineFlag.engine.describe}, or bullmq: the workers of a queue, on any machines`,
    choices: [...ENGINES, BULLMQ],
  },
};

/** Every command that reads samples can say what it would do. */
export const dryRunFlag: Flags = {
  'dry-run': { kind: 'switch', group, describe: 'say what would be read and written, and stop' },
};

/** What goes to standard output. */
export const jsonFlag: Flags = {
  json: { kind: 'switch', group, describe: 'one JSON object on standard output instead of the report' },
};

/** What goes to the screen. */
export const quietFlag: Flags = {
  quiet: { kind: 'switch', group, describe: 'no progress and no report; warnings, errors and --json stay' },
};

/** The run options as typed, with the session to run in. */
export const runOptions = (flags: FlagValues, session: Session): RawOptions => ({
  engine: flags.text('engine'),
  threads: flags.number('threads'),
  memory: flags.text('memory'),
  signal: session.signal,
  onProgress: session.onProgress,
  onWarning: session.onWarning,
});
