// What remains of the two passes when all arithmetic is left out: the same reads into shared memory, the same writes.
// Plain JavaScript, so that it starts as the built workers do.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Reads or writes all of it. */
function whole(call, fd, bytes, from, length, at) {
  for (let done = 0; done < length; ) {
    const moved = call(fd, bytes, from + done, length - done, at + done);
    if (moved === 0) throw new Error(`the file ends at byte ${at + done}`);
    done += moved;
  }
}

/** Takes range after range of the shared list, as threads take shards. */
function pass({ memory, next, ranges, chunk, files, arena, write }) {
  const bytes = new Uint8Array(memory);
  const fds = new Map();
  const open = (path, flags) => {
    if (!fds.has(path)) fds.set(path, openSync(path, flags));
    return fds.get(path);
  };
  // relaxed: each range is taken once, and nothing else is ordered by it
  for (let i = Atomics.add(next, 0, 1); i < ranges.length; i = Atomics.add(next, 0, 1)) {
    const { part, first, samples } = ranges[i];
    const { logits, labels, out, dataOffset } = files[part];
    for (let done = 0; done < samples; done += chunk) {
      const n = Math.min(chunk, samples - done);
      const row = first + done;
      whole(readSync, open(logits, 'r'), bytes, arena.logits, 4 * n, dataOffset + 4 * row);
      whole(readSync, open(labels, 'r'), bytes, arena.labels, n, dataOffset + row);
      if (write) whole(writeSync, open(out, 'r+'), bytes, arena.logits, 4 * n, dataOffset + 4 * row);
    }
  }
  for (const fd of fds.values()) closeSync(fd);
}

parentPort.on('message', (task) => {
  pass({ ...workerData, ...task });
  parentPort.postMessage('done');
});
