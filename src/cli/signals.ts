import { type HandledSignal, SIGNAL_EXIT_CODES } from './failure.ts';

/** Signals turned into an AbortSignal. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The signal that came first, if any. */
  readonly received: () => HandledSignal | undefined;
}

/** The first SIGINT, SIGTERM or SIGHUP aborts the run, which then keeps what it has done; a second one ends the process at once. */
export function listenForSignals(): Interruption {
  const controller = new AbortController();
  let received: HandledSignal | undefined;
  const on = (name: HandledSignal): void => {
    process.on(name, () => {
      if (received !== undefined) process.exit(SIGNAL_EXIT_CODES[name]);
      received = name;
      controller.abort();
    });
  };
  on('SIGINT');
  on('SIGTERM');
  on('SIGHUP');
  return { signal: controller.signal, received: () => received };
}
