import { type HandledSignal, SIGNAL_EXIT_CODES } from './failure.ts';

/** Signals turned into an AbortSignal. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The signal that came first, if any. */
  readonly received: () => HandledSignal | undefined;
  /** To be called when all is said and closed: ends the process, by the signal, if what was given up goes on in other threads. */
  readonly end: () => void;
}

/** What a process that has nothing left to do takes to end, and more. */
const TIME_TO_END_MS = 300;

/** The first SIGINT, SIGTERM or SIGHUP aborts the run, which then keeps what it has done; a second one ends the process at once. */
export function listenForSignals(): Interruption {
  const controller = new AbortController();
  let received: HandledSignal | undefined;
  const on = (name: HandledSignal): void => {
    process.on(name, () => {
      if (received !== undefined) {
        // exit waits for native work: one more signal does not
        process.removeAllListeners(name);
        process.exit(SIGNAL_EXIT_CODES[name]);
      }
      received = name;
      controller.abort();
    });
  };
  on('SIGINT');
  on('SIGTERM');
  on('SIGHUP');
  return {
    signal: controller.signal,
    received: () => received,
    end() {
      if (received !== undefined) setTimeout(endBy, TIME_TO_END_MS, received).unref();
    },
  };
}

/** Ends this process as one that does not listen: process.exit waits for native work that nothing can stop. */
function endBy(name: HandledSignal): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
