// One thread of the scaling bench: the kernels over its own chunk, again and again. Plain JavaScript, so that it starts
// as the built workers do.
import { parentPort, workerData } from 'node:worker_threads';

const { memory, module, arena, pieces, weights, samples, chunksPerShard } = workerData;
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
const { logits, codes, out, groups, scratchCells, scratchSplits, totalCells, totalSplits } = arena;

function count(chunks) {
  for (let i = 1; i <= chunks; i++) {
    kernels.countFloat32(logits, codes, samples, scratchCells, scratchSplits, ...pieces, groups);
    if (i % chunksPerShard !== 0 && i !== chunks) continue;
    kernels.commitCells(scratchCells, totalCells);
    kernels.commitSplits(scratchSplits, totalSplits, 2 * pieces[2]);
  }
}

function weigh(chunks) {
  for (let i = 0; i < chunks; i++) kernels.weighFloat32(logits, codes, samples, ...weights, ...pieces, groups, out);
}

parentPort.on('message', ({ pass, chunks }) => {
  (pass === 'count' ? count : weigh)(chunks);
  parentPort.postMessage('done');
});
parentPort.postMessage('ready');
