// Polars for Node, where it is installed. GHM_BENCH_POLARS may name the file to import instead.
import { join } from 'node:path';
import type { Job } from './job.ts';
import { betaOf } from './npy-arrays.ts';
import { importOrSkip, serve } from './serve.ts';

/** The part of the package that is used here; it is not a dependency, and its types are not at hand. */
interface Expression {
  cast(type: unknown): Expression;
  mul(other: unknown): Expression;
  plus(other: unknown): Expression;
  div(other: unknown): Expression;
  sub(other: unknown): Expression;
  abs(): Expression;
  exp(): Expression;
  floor(): Expression;
  alias(name: string): Expression;
  replaceStrict(from: number[], to: number[], fallback: null, type: unknown): Expression;
}
interface Frame {
  lazy(): LazyFrame;
  getColumn(name: string): { toArray(): number[] };
  writeParquet(path: string): void;
}
interface LazyFrame {
  select(...columns: Expression[]): LazyFrame;
  groupBy(name: string): { agg(...columns: Expression[]): LazyFrame };
  collect(): Promise<Frame>;
}
interface Polars {
  readonly version: string;
  readonly Float32: unknown;
  readonly Float64: unknown;
  readonly UInt8: unknown;
  col(name: string): Expression;
  lit(value: number): Expression;
  count(name: string): Expression;
  scanParquet(path: string): LazyFrame;
}

const start = async (): Promise<Polars> =>
  (await importOrSkip<{ default: Polars }>(process.env.GHM_BENCH_POLARS ?? 'nodejs-polars')).default;

/** In double precision, as in the other exact ways. A g of 1 cannot be but for the rounding of the sigmoid. */
function region(pl: Polars, bins: number): Expression {
  const p = pl.lit(1).div(pl.lit(1).plus(pl.col('x').cast(pl.Float64).mul(-1).exp()));
  return p.sub(pl.col('y')).abs().mul(bins).floor().cast(pl.UInt8).alias('region');
}

async function countRegions(pl: Polars, from: LazyFrame, bins: number): Promise<number[]> {
  const counted = await from
    .select(region(pl, bins))
    .groupBy('region')
    .agg(pl.count('region').alias('samples'))
    .collect();
  const counts = new Array<number>(bins).fill(0);
  const samples = counted.getColumn('samples').toArray();
  for (const [i, at] of counted.getColumn('region').toArray().entries()) counts[Math.min(at, bins - 1)] += samples[i];
  return counts;
}

await serve({
  async load({ parquet, bins }: Job) {
    const pl = await start();
    const samples = await pl.scanParquet(parquet).collect();
    return {
      tool: `Polars for Node ${pl.version}`,
      async count() {
        const counts = await countRegions(pl, samples.lazy(), bins);
        return () => counts;
      },
    };
  },

  async run({ parquet, bins, out }: Job) {
    const pl = await start();
    const counts = await countRegions(pl, pl.scanParquet(parquet), bins);
    const regions = Array.from({ length: bins }, (_, i) => i);
    const beta = region(pl, bins).replaceStrict(regions, betaOf(counts), null, pl.Float32).alias('beta');
    const weights = await pl.scanParquet(parquet).select(beta).collect();
    weights.writeParquet(join(out, 'polars.parquet'));
    return counts;
  },
});
