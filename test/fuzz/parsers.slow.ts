import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Arena, attempt, openArena } from './attempt.ts';
import { mutated, mutations } from './mutations.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';

/** Inputs a parser gets here, a second or three of work; `npm run fuzz` goes on for as long as it is told, led by coverage. */
const RUNS = 400;
/** Of those that take milliseconds an input. */
const FEWER: Readonly<Record<string, number>> = { csv: 25, tsv: 25, jsonl: 100, parquet: 100, partial: 150 };
/** What a runtime opens for itself. */
const MOST_LEAKED = 5;

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** The arena and the seeds of a target, each of which is read. */
async function prepared(target: FuzzTarget): Promise<{ arena: Arena; seeds: readonly Uint8Array[] }> {
  const arena = openArena(tmpdir(), target);
  afterAll(arena.close);
  const seeds = await target.seeds(arena.scratch);
  for (const seed of seeds) await attempt(target, seed, arena);
  return { arena, seeds };
}

describe.each(TARGETS)('$name', (target) => {
  it('reads or refuses whatever it is given', async () => {
    const { arena, seeds } = await prepared(target);
    const before = descriptors();
    const input = fc
      .tuple(fc.constantFrom(...seeds), mutations(target.words), fc.constantFrom(...seeds))
      .map(([seed, changes, other]) => mutated(seed, changes, other));
    const outcomes = new Set<string | null>();
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        for (const one of [bytes, ...(target.mended?.(bytes) ?? [])]) outcomes.add(await attempt(target, one, arena));
      }),
      { seed: 20_261_126, numRuns: FEWER[target.name] ?? RUNS },
    );
    expect(descriptors() - before).toBeLessThanOrEqual(MOST_LEAKED);
    // it was neither all read, nor all refused for one reason
    expect(outcomes.size).toBeGreaterThan(1);
  });
});
