// The kernels on one core: against the obvious JavaScript loop, and against what the memory allows. See README.md.

import { float16OfBits } from '../src/density/cell-values.ts';
import { count, flags } from './arguments.ts';
import { fillWithReal, generateStream, SEED, streamBytes } from './data.ts';
import { checkCounts, checkWeights, densityOf, useDensity } from './kernel-checks.ts';
import { kernelMemory } from './kernel-memory.ts';
import { cachedFiles, countPass, sumPass, weighPass } from './kernel-passes.ts';
import { type Contestant, duration, median, observedWord, race, ratio, speed, spread, times } from './measure.ts';
import { countHalfLoop, countLoop, countRowsLoop, weighLoop } from './naive.ts';
import { pinToOneCore } from './pin.ts';
import { machineLines, markdownTable } from './table.ts';

const CLASSES = 80;

const options = flags({
  samples: '40M',
  bins: '30',
  rounds: '7',
  data: 'generated',
  place: 'memory',
  wasm: '',
  only: '',
});
pinToOneCore();

const work = count('samples', options.samples);
/** `--place cache`: one chunk again and again, as the product's kernels get it, just read into their arena. */
const CHUNK = 131_040;
const samples = options.place === 'cache' ? CHUNK : work;
const passes = Math.ceil(work / samples);
const bins = count('bins', options.bins);
const rounds = count('rounds', options.rounds);
const wasm = options.wasm || undefined;

console.log(
  `## ghm kernels, ${samples} samples in ${options.place}${passes > 1 ? `, ${passes} times` : ''}, M = ${bins}, ${options.data} data, seed ${SEED}, ${rounds} rounds\n`,
);
console.log(`${machineLines()}\n`);

/** Races a loop, the kernels and a limit, and prints them with their ratios to the kernels. */
async function compare(title: string, check: string, contestants: readonly Contestant[], n: number): Promise<void> {
  const timings = await race(contestants, rounds);
  const kernel = timings.find(({ name }) => name.startsWith('ghm'));
  if (!kernel) throw new Error('no kernel in the race');
  console.log(`### ${title}\n\n${check}\n`);
  const rows = timings.map((timing) => {
    const { ofMedians, ofRounds } = ratio(timing, kernel);
    const share = timing === kernel ? ['1', '1'] : [times(ofMedians), times(ofRounds)];
    return [timing.name, duration(median(timing.seconds)), spread(timing), speed(n * passes, timing), ...share];
  });
  const head = ['', 'median', 'min .. max', 'samples', 'time / ghm', 'of rounds'];
  console.log(`${markdownTable(head, rows)}\n`);
}

/** Between memories that no thread shares: on shared memory `set` copies word by word, at 85 % of the speed. */
function copyOf(from: Float32Array, to: Float32Array): number {
  to.set(from);
  return to[to.length - 1];
}

/** Runs a loop as often as the kernels go over the stream. */
function again(run: () => number): number {
  let last = 0;
  for (let pass = 0; pass < passes; pass++) last = run();
  return last;
}

const wanted = (name: string): boolean => options.only === '' || options.only.split(',').includes(name);

async function labelled(): Promise<void> {
  const k = kernelMemory('float32', bins, streamBytes(samples, 1), wasm);
  const stream = generateStream(k, samples);
  if (options.data === 'real') fillWithReal(k, stream);
  // the loops get memory that no thread shares, as they would have it
  const logits = new Float32Array(k.memory.buffer, stream.logits, samples).slice();
  const labels = new Uint8Array(k.memory.buffer, stream.codes, samples).slice();
  const counts = new Float64Array(bins);
  countLoop(logits, labels, counts);
  countPass(k, stream);
  const check = checkCounts(k, counts, samples);
  const files = cachedFiles(k, stream);
  try {
    const contestants = [
      { name: 'loop with Math.exp', run: () => again(() => countLoop(logits, labels, counts)) },
      { name: 'ghm', run: () => countPass(k, stream, passes) },
      { name: 'sum of the same arrays', run: () => sumPass(k, stream, passes) },
      ...(passes > 1 ? [] : [{ name: 'count, read from page cache', run: () => files.count() }]),
      ...(passes > 1 ? [] : [{ name: 'the same reads alone', run: () => files.read() }]),
    ];
    if (wanted('count')) await compare('count: float32 logits, uint8 labels', check, contestants, samples);
  } finally {
    files.remove();
  }
  if (!wanted('weigh')) return;
  densityOf(k);
  countPass(k, stream);
  const beta = useDensity(k, densityOf(k));
  const out = new Float32Array(samples);
  weighLoop(logits, labels, beta, out);
  await compare(
    'weigh: float32 logits, uint8 labels',
    checkWeights(k, stream, out),
    [
      { name: 'loop with Math.exp', run: () => again(() => weighLoop(logits, labels, beta, out)) },
      { name: 'ghm', run: () => weighPass(k, stream, passes) },
      { name: 'copy of the logits', run: () => again(() => copyOf(logits, out)) },
    ],
    samples,
  );
}

async function rowsOfClasses(): Promise<void> {
  const k = kernelMemory('float32', bins, streamBytes(samples, CLASSES), wasm);
  const stream = generateStream(k, samples, CLASSES);
  const logits = new Float32Array(k.memory.buffer, stream.logits, stream.samples).slice();
  const classes = new Int32Array(k.memory.buffer, stream.classes, stream.rows).slice();
  const counts = new Float64Array(bins);
  countRowsLoop(logits, classes, CLASSES, counts);
  countPass(k, stream);
  await compare(
    `count: float32 logits in rows of ${CLASSES}, one class a row`,
    checkCounts(k, counts, stream.samples),
    [
      { name: 'loop with Math.exp', run: () => again(() => countRowsLoop(logits, classes, CLASSES, counts)) },
      { name: 'ghm', run: () => countPass(k, stream, passes) },
      { name: 'sum of the same arrays', run: () => sumPass(k, stream, passes) },
    ],
    stream.samples,
  );
}

async function halves(): Promise<void> {
  const k = kernelMemory('float16', bins, streamBytes(samples, 1), wasm);
  const stream = generateStream(k, samples);
  const logits = new Uint16Array(k.memory.buffer, stream.logits, samples).slice();
  const labels = new Uint8Array(k.memory.buffer, stream.codes, samples).slice();
  const values = Float32Array.from({ length: 65_536 }, (_, bits) => float16OfBits(bits));
  const counts = new Float64Array(bins);
  countHalfLoop(logits, values, labels, counts);
  countPass(k, stream);
  await compare(
    'count: float16 logits, uint8 labels',
    checkCounts(k, counts, samples),
    [
      { name: 'loop with Math.exp', run: () => again(() => countHalfLoop(logits, values, labels, counts)) },
      { name: 'ghm', run: () => countPass(k, stream, passes) },
      { name: 'sum of the same arrays', run: () => sumPass(k, stream, passes) },
    ],
    samples,
  );
}

if (wanted('count') || wanted('weigh')) await labelled();
if (wanted('rows')) await rowsOfClasses();
if (wanted('float16')) await halves();
console.log(`results seen: ${observedWord()}`);
