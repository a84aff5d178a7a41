// Attacks one parser for a while, led by coverage: npm run fuzz -- npz --seconds 600 --findings DIR
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type Arena, attempt, Finding, openArena } from './attempt.ts';
import { Coverage } from './coverage.ts';
import { mutated, mutations } from './mutations.ts';
import type { FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';
import { watch } from './watchdog.ts';

/** Inputs between two looks at the counters, which take as long as some inputs do. */
const BATCH = 16;
const SAMPLES = 512;
/** Descriptors that the runtime itself may open on the way. */
const MOST_LEAKED = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    findings: { type: 'string', default: join(tmpdir(), 'ghm-findings') },
  },
});
const target = TARGETS.find(({ name }) => name === positionals[0]);
if (target === undefined) throw new Error(`expected one of ${TARGETS.map(({ name }) => name).join(', ')}`);
mkdirSync(values.findings, { recursive: true });
await campaign(target, Number(values.seconds), Number(values.seed), values.findings);

async function campaign(target: FuzzTarget, seconds: number, seed: number, findings: string): Promise<void> {
  const arena = openArena(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), target);
  const beat = watch(arena.path, join(findings, `${target.name}-hangs`));
  const known = new Set<string>();
  const corpus: Uint8Array[] = [];
  const coverage = new Coverage();
  let tried = 0;
  let refused = 0;

  /** Tries an input and what is mended of it; tells of defects, each once. */
  const tryAll = async (input: Uint8Array): Promise<void> => {
    for (const one of [input, ...(target.mended?.(input) ?? [])]) {
      beat();
      tried++;
      if ((await tryOne(target, one, arena, known, findings)) !== null) refused++;
    }
  };
  for (const input of await target.seeds(arena.scratch)) {
    await tryAll(input);
    corpus.push(input);
  }
  coverage.fresh();
  const seeds = corpus.length;
  const [files, memory] = [descriptors(), process.memoryUsage().rss];
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  for (let round = 0; elapsed() < seconds; round++) {
    const picks = fc.sample(fc.tuple(fc.nat(0xffff), fc.nat(0xffff), mutations(target.words)), {
      numRuns: SAMPLES,
      seed: seed * 1_000_003 + round,
    });
    for (let i = 0; i < picks.length && elapsed() < seconds; i += BATCH) {
      const inputs = picks.slice(i, i + BATCH).map(([of, other, changes]) => {
        // half of the time one of the newest
        const at = of % 2 === 0 ? of % corpus.length : corpus.length - 1 - ((of >> 1) % Math.min(corpus.length, 32));
        return mutated(corpus[at], changes, corpus[other % corpus.length]);
      });
      for (const input of inputs) await tryAll(input);
      const fresh = coverage.fresh();
      for (const input of fresh.size === 0 ? [] : inputs) {
        await tryAll(input);
        const found = coverage.ran().filter((block) => fresh.delete(block));
        if (found.length > 0) corpus.push(input);
      }
    }
  }
  arena.close();
  const leaked = descriptors() - files;
  console.log(
    `${target.name}: ${Math.round(elapsed())} s, ${tried} inputs, ${refused} refused, ${known.size} findings, corpus ${seeds} -> ${corpus.length}, ` +
      `${coverage.blocks} blocks, descriptors ${files} + ${leaked}, memory ${memory >> 20} -> ${process.memoryUsage().rss >> 20} MiB`,
  );
  process.exit(known.size > 0 || leaked > MOST_LEAKED ? 1 : 0);
}

async function tryOne(
  target: FuzzTarget,
  input: Uint8Array,
  arena: Arena,
  known: Set<string>,
  findings: string,
): Promise<string | null> {
  try {
    return await attempt(target, input, arena);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const place = error.message.split('\n').slice(0, 2).join(' ').replace(/\d+/g, 'N');
    if (!known.has(place)) {
      known.add(place);
      const path = join(findings, `${target.name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
      writeFileSync(path, input);
      console.log(`${path}\n${error.message}\n`);
    }
    return 'finding';
  }
}

function descriptors(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}
