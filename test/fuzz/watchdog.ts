import { Worker } from 'node:worker_threads';

const MOST_MILLISECONDS = 30_000;

/**
 * Ends the process where it hangs, having kept the input that did it.
 *
 * @param input its file
 * @param kept where a copy of it goes
 * @returns to be called before each input
 */
export function watch(input: string, kept: string): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads');
    const { copyFileSync, writeSync } = require('node:fs');
    let last = -1;
    setInterval(() => {
      // no order is needed: any later count will do
      const now = Atomics.load(workerData.beats, 0);
      if (now === last) {
        copyFileSync(workerData.input, workerData.kept);
        writeSync(1, 'hangs: ' + workerData.kept + '\\n');
        process.kill(process.pid, 'SIGKILL');
      }
      last = now;
    }, workerData.milliseconds);`,
    { eval: true, workerData: { beats, input, kept, milliseconds: MOST_MILLISECONDS } },
  );
  worker.unref();
  return () => {
    // a count of inputs, read by the thread above
    Atomics.add(beats, 0, 1);
  };
}
