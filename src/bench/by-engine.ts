import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineFacts } from '../engines/engine.ts';
import { engineNeeds } from '../engines/engine-needs.ts';
import { generate } from '../generate/generate.ts';
import type { TensorEngineName } from '../options/engines.ts';
import { reweightInShards } from '../run/reweight.ts';
import type { Summary } from '../run/summary.ts';
import type { Timing } from './measurement.ts';
import type { CompleteBench } from './options.ts';

/** What tensors go through in seconds; enough shards of it for several threads. */
const MOST_SAMPLES = 2 ** 20;
const SHARD_SAMPLES = 2 ** 17;
/** Samples counted in another region than by the kernels, one in so many: float32 rounds those at edges. */
const ROUNDED = 100_000;

const WORKS = ['count', 'weigh', 'reweight'] as const;

export interface EngineTimings {
  readonly engine: EngineFacts & { readonly samples: number };
  readonly timings: readonly Timing[];
}

/** Measures `reweight` by an engine of tensors, on files of the first samples of the stream. */
export async function benchEngine(
  options: CompleteBench,
  name: TensorEngineName,
  folder: string,
): Promise<EngineTimings> {
  const { seed, bins, signal, runs, warmup } = options;
  const samples = Math.min(options.samples, MOST_SAMPLES);
  const began = performance.now();
  const data = join(folder, 'engine-data');
  await generate({ samples, seed, samplesPerPart: samples, out: data, ...(signal && { signal }) });
  const once = async (threads: number, engine: TensorEngineName | 'threads') => {
    const out = join(folder, 'engine-weights');
    const start = performance.now();
    const inputs = { logits: join(data, '*.logits.npy'), labels: join(data, '*.labels.npy') };
    const given = { ...inputs, out, bins, threads, engine, ...(signal && { signal }) };
    const summary = await reweightInShards(given, SHARD_SAMPLES);
    const seconds = (performance.now() - start) / 1000;
    rmSync(out, { recursive: true });
    return { summary, seconds };
  };

  const { summary: expected } = await once(1, 'threads');
  let facts: EngineFacts = { name };
  const timings: Timing[] = [];
  const counts = options.threads.filter((threads, i) => i === 0 || threads <= engineNeeds(name, 1).threads);
  const total = counts.length * (warmup + runs) * samples;
  for (const threads of counts) {
    const seconds: Record<(typeof WORKS)[number], number[]> = { count: [], weigh: [], reweight: [] };
    for (let round = -warmup; round < runs; round++) {
      const run = await once(threads, name);
      checkCounts(run.summary, expected);
      facts = run.summary.engine ?? facts;
      const { count, weigh } = run.summary.passes;
      const times = { count: count?.seconds ?? 0, weigh: weigh?.seconds ?? 0, reweight: run.seconds };
      if (round >= 0) for (const work of WORKS) seconds[work].push(times[work]);
      const done = (counts.indexOf(threads) * (warmup + runs) + round + warmup + 1) * samples;
      options.onProgress({ stage: 'engine', done, total, elapsed: (performance.now() - began) / 1000 });
    }
    for (const work of WORKS) {
      const bytesRead = (work === 'reweight' ? 10 : 5) * samples;
      const bytesWritten = work === 'count' ? 0 : 4 * samples;
      const what = { place: 'engine', work, data: 'float32', threads, samples, bytesRead, bytesWritten } as const;
      timings.push({ ...what, runs: seconds[work] });
    }
  }
  return { engine: { ...facts, samples }, timings };
}

/** @throws Error where the counts are not those of the kernels, but for rounding */
function checkCounts({ density, samples }: Summary, { density: expected }: Summary): void {
  const moved = density.counts.reduce((sum, count, j) => sum + Math.abs(count - expected.counts[j]), 0) / 2;
  if (moved <= Math.ceil(samples / ROUNDED)) return;
  throw new Error(`tensors counted ${moved} of ${samples} samples in other regions than the kernels`);
}
