import cliProgress from 'cli-progress';
import { finishedLine, progressLine, type Step } from './progress-line.ts';

/** Shows how far the passes are. */
export interface ProgressDisplay {
  /** A report of the pass that runs; the first of another pass ends the one before. */
  update(step: Step): void;
  /** Prints a line among the progress. */
  print(line: string): void;
  /** Takes the progress off the screen. Always call it: a bar keeps the process alive. */
  close(): void;
}

/** Columns a bar may use; the last one stays free, so that no terminal wraps. 0 columns means it does not say. */
const columnsOf = (stream: NodeJS.WritableStream & { columns?: number }): number => (stream.columns || 80) - 1;

/** On a terminal: one line, drawn again and again, gone when a pass is over. */
export function terminalProgress(stream: NodeJS.WriteStream): ProgressDisplay {
  let bar: cliProgress.SingleBar | undefined;
  let last: Step | undefined;

  const open = (step: Step): cliProgress.SingleBar => {
    const opened = new cliProgress.SingleBar({
      stream,
      format: (_options, _params, payload: { step: Step }) => progressLine(payload.step, columnsOf(stream)),
      clearOnComplete: true,
      // no mode is switched, so a killed process leaves the terminal as it was
      linewrap: true,
    });
    opened.start(step.total, step.done, { step });
    return opened;
  };
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };

  return {
    update(step) {
      if (last !== undefined && last.label !== step.label) close();
      last = step;
      bar ??= open(step);
      bar.update(step.done, { step });
    },
    print(line) {
      const running = bar !== undefined;
      close();
      stream.write(`${line}\n`);
      if (running && last !== undefined) bar = open(last);
    },
    close,
  };
}

const SECONDS_BETWEEN_LINES = 5;

/** Elsewhere (a log file, a pipe): a plain line every few seconds, and one at the end of a pass that took as long. */
export function plainProgress(stream: NodeJS.WritableStream): ProgressDisplay {
  let last: Step | undefined;
  let printedAt = 0;

  const finish = (): void => {
    if (last !== undefined && last.elapsed >= SECONDS_BETWEEN_LINES) stream.write(`${finishedLine(last)}\n`);
    last = undefined;
    printedAt = 0;
  };
  return {
    update(step) {
      if (last !== undefined && last.label !== step.label) finish();
      last = step;
      if (step.done >= step.total || step.elapsed - printedAt < SECONDS_BETWEEN_LINES) return;
      printedAt = step.elapsed;
      stream.write(`${progressLine(step, columnsOf(stream))}\n`);
    },
    print(line) {
      stream.write(`${line}\n`);
    },
    close: finish,
  };
}

/** `--quiet`: only what is printed. */
export function noProgress(stream: NodeJS.WritableStream): ProgressDisplay {
  return {
    update() {},
    print(line) {
      stream.write(`${line}\n`);
    },
    close() {},
  };
}
