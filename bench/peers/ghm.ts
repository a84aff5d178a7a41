// ghm's kernel on samples in memory, one thread, chunk by chunk as a worker calls it.
import { densityOf } from '../kernel-checks.ts';
import { kernelMemory } from '../kernel-memory.ts';
import { countPass } from '../kernel-passes.ts';
import { NpyArray } from './npy-arrays.ts';
import { Skip, serve } from './serve.ts';

await serve({
  async load(job) {
    const x = NpyArray.open(job.logits);
    const k = kernelMemory('float32', job.bins, 5 * x.length + 128);
    const logits = k.data;
    const codes = logits + 64 * Math.ceil((4 * x.length) / 64);
    x.read(new Float32Array(k.memory.buffer, logits, x.length));
    NpyArray.open(job.labels).read(new Uint8Array(k.memory.buffer, codes, x.length));
    const stream = { rows: x.length, width: 1, samples: x.length, logits, codes, classes: 0, out: 0 };
    return {
      tool: `ghm kernels, Node ${process.version}`,
      async count() {
        countPass(k, stream);
        // from cells to regions: once a run, however many samples
        return () => densityOf(k).counts;
      },
    };
  },
  async run() {
    throw new Skip('the command line is measured instead');
  },
});
