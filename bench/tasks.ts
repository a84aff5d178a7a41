// What the other tasks cost beside plain classification: their kernels on one core, on a chunk in cache. See README.md.

import { betaTable } from '../src/density/beta-table.ts';
import { bitsOfFloat32 } from '../src/density/cell-values.ts';
import { LOGITS, type Scale } from '../src/density/scale.ts';
import { NORM_CELLS } from '../src/density/soft-losses.ts';
import { count, flags } from './arguments.ts';
import { SEED } from './data.ts';
import { type KernelMemory, kernelMemory, piecesOf, setWeights } from './kernel-memory.ts';
import { type Contestant, duration, median, observedWord, race, ratio, speed, spread, times } from './measure.ts';
import { pinToOneCore } from './pin.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({ samples: '20M', bins: '30', rounds: '7', classes: '80' });
pinToOneCore();
const bins = count('bins', options.bins);
const rounds = count('rounds', options.rounds);
const classes = count('classes', options.classes);
/** Numbers a chunk, of a softmax too, as the product cuts them. */
const CHUNK = 131_040;
const passes = Math.ceil(count('samples', options.samples) / CHUNK);

/** Places in a memory for the numbers of one chunk: what was read, what it is compared with, and what is computed. */
interface ChunkPlace {
  readonly k: KernelMemory;
  readonly a: number;
  readonly b: number;
  readonly counted: number;
  readonly loss: number;
  readonly codes: number;
  readonly sums: number;
  readonly out: number;
}

function place(scale: Scale): ChunkPlace {
  const size = 4 * CHUNK + 64;
  const sumBytes = 32 * (NORM_CELLS + 100) + 16;
  const k = kernelMemory('float32', bins, 6 * size + sumBytes, undefined, scale);
  const [a, b, counted, loss, codes, out, sums] = Array.from({ length: 7 }, (_, i) => k.data + i * size);
  const beta = Array.from({ length: bins }, (_, j) => 1 + j);
  setWeights(k, betaTable(k.partition, beta, bitsOfFloat32));
  return { k, a, b, counted, loss, codes, sums, out };
}

/** The same stream of numbers for every run. */
function seededNumbers(): () => number {
  let state = SEED >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const floatsAt = ({ k }: ChunkPlace, at: number): Float32Array => new Float32Array(k.memory.buffer, at, CHUNK);

function countChunk({ k, codes }: ChunkPlace, x: number, n: number): void {
  const { kernels, arena } = k;
  kernels.countFloat32(x, codes, n, arena.scratchCells, arena.scratchSplits, ...piecesOf(k), arena.groups);
}

function weighChunk({ k, codes, out }: ChunkPlace, x: number, n: number): void {
  const { kernels, arena, plan } = k;
  const { beta, betaSplits } = plan.layout;
  kernels.weighFloat32(x, codes, n, beta, betaSplits, ...piecesOf(k), arena.groups, out);
}

/** Runs a chunk as often as it takes, and clears the counters, which hold one shard. */
function contestant(name: string, at: ChunkPlace, chunk: () => void): Contestant {
  return {
    name,
    run: () => {
      for (let pass = 0; pass < passes; pass++) chunk();
      const { kernels, arena, plan } = at.k;
      kernels.commitCells(arena.scratchCells, arena.totalCells);
      kernels.commitSplits(arena.scratchSplits, arena.totalSplits, 2 * plan.layout.thresholds);
      return new Uint32Array(at.k.memory.buffer, arena.totalCells, 1)[0];
    },
  };
}

function plain(): [Contestant, Contestant] {
  const at = place(LOGITS);
  const next = seededNumbers();
  floatsAt(at, at.a).forEach((_, i, x) => {
    x[i] = -7 + 6 * (next() - 0.5);
  });
  return [
    contestant('classification', at, () => countChunk(at, at.a, CHUNK)),
    contestant('classification', at, () => weighChunk(at, at.a, CHUNK)),
  ];
}

function boxes(): [Contestant, Contestant] {
  const at = place({ task: 'regression', mu: 0.02 });
  const next = seededNumbers();
  for (const from of [at.a, at.b]) {
    floatsAt(at, from).forEach((_, i, x) => {
      x[i] = (next() - 0.5) * 0.3;
    });
  }
  const compute = () => at.k.kernels.distancesOfFloat32(at.a, at.b, CHUNK, at.counted);
  return [
    contestant('regression', at, () => {
      compute();
      countChunk(at, at.counted, CHUNK);
    }),
    contestant('regression', at, () => {
      compute();
      weighChunk(at, at.counted, CHUNK);
    }),
  ];
}

function softmax(): [Contestant, Contestant] {
  const at = place({ task: 'softmax' });
  const next = seededNumbers();
  const rows = Math.floor(CHUNK / classes);
  floatsAt(at, at.a).forEach((_, i, x) => {
    x[i] = (next() - 0.5) * 6 + (i % classes === classes - 1 ? 6 : 0);
  });
  new Int32Array(at.k.memory.buffer, at.b, rows).forEach((_, row, labels) => {
    labels[row] = row % 20 === 0 ? row % classes : classes - 1;
  });
  const compute = () => at.k.kernels.softmaxMargins(at.a, at.b, rows, classes, at.counted, at.codes);
  return [
    contestant(`softmax of ${classes}, a logit`, at, () => {
      compute();
      countChunk(at, at.counted, rows);
    }),
    contestant(`softmax of ${classes}, a logit`, at, () => {
      compute();
      weighChunk(at, at.counted, rows);
    }),
  ];
}

function soft(): [Contestant, Contestant] {
  const at = place({ task: 'classification', softTargets: true });
  const next = seededNumbers();
  const { buffer } = at.k.memory;
  const logits = new Float32Array(CHUNK).map(() => -7 + 6 * (next() - 0.5));
  floatsAt(at, at.b).forEach((_, i, t) => {
    t[i] = next() < 0.9 ? 0 : next();
  });
  const { kernels, plan } = at.k;
  const { first, thresholdBits, thresholds } = plan.layout;
  const infinite = at.sums + 32 * (NORM_CELLS + thresholds);
  // g replaces the logits: they are put back, as a worker reads them again
  const compute = () => {
    new Float32Array(buffer, at.counted, CHUNK).set(logits);
    kernels.softNorms(at.counted, at.b, CHUNK, at.loss);
  };
  return [
    contestant('soft targets', at, () => {
      compute();
      countChunk(at, at.counted, CHUNK);
      kernels.sumSoftLosses(at.counted, at.b, at.loss, at.codes, CHUNK, first, thresholdBits, at.sums, infinite);
    }),
    contestant('soft targets', at, () => {
      compute();
      weighChunk(at, at.counted, CHUNK);
    }),
  ];
}

console.log(
  `## ghm tasks, chunks of ${CHUNK} numbers in cache, ${passes} times, M = ${bins}, seed ${SEED}, ${rounds} rounds\n`,
);
console.log(`${machineLines()}\n`);
const tasks = [plain(), boxes(), softmax(), soft()];
for (const [i, pass] of ['count', 'weigh'].entries()) {
  const timings = await race(
    tasks.map((contestants) => contestants[i]),
    rounds,
  );
  const rows = timings.map((timing) => {
    const { ofMedians, ofRounds } = ratio(timing, timings[0]);
    const all = speed(CHUNK * passes, timing);
    return [timing.name, duration(median(timing.seconds)), spread(timing), all, times(ofMedians), times(ofRounds)];
  });
  const head = ['', 'median', 'min .. max', 'numbers', 'time / classification', 'of rounds'];
  console.log(`### ${pass}\n\n${markdownTable(head, rows)}\n`);
}
console.log(`kept: ${observedWord()}`);
