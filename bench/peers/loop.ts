// The obvious JavaScript loop of ../naive.ts.
import { join } from 'node:path';
import { countLoop, weighLoop } from '../naive.ts';
import { betaOf, NpyArray } from './npy-arrays.ts';
import { serve } from './serve.ts';

const CHUNK = 2 ** 20;

await serve({
  async load({ logits, labels, bins }) {
    const x = NpyArray.open(logits);
    const loaded = x.read(new Float32Array(x.length));
    const targets = NpyArray.open(labels).read(new Uint8Array(x.length));
    return {
      tool: `Node ${process.version}`,
      async count() {
        const counts = new Float64Array(bins);
        countLoop(loaded, targets, counts);
        return () => [...counts];
      },
    };
  },

  async run({ logits, labels, bins, out }) {
    const x = NpyArray.open(logits);
    const y = NpyArray.open(labels);
    const buffer = new Float32Array(CHUNK);
    const targets = new Uint8Array(CHUNK);
    const counts = new Float64Array(bins);
    for (let i = 0; i < x.length; i += CHUNK) countLoop(x.read(buffer, i), y.read(targets, i), counts);
    const beta = Float32Array.from(betaOf([...counts]));
    const weights = NpyArray.create(join(out, 'loop.beta.npy'), x.length);
    const made = new Float32Array(CHUNK);
    for (let i = 0; i < x.length; i += CHUNK) {
      const part = x.read(buffer, i);
      weighLoop(part, y.read(targets, i), beta, made);
      weights.write(made.subarray(0, part.length), i);
    }
    weights.close();
    return [...counts];
  },
});
