import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { float16OfBits } from '../../src/density/cell-values.ts';
import { CELLS } from '../../src/density/cells.ts';
import { TENSOR_ELEMENTS } from '../../src/engines/tfjs/tensor-memory.ts';
import type { TensorFlow } from '../../src/tfjs/backend.ts';
import { type LoadedChunk, loadChunk } from '../chunk.ts';
import type { ChunkPasses } from '../chunk-passes.ts';
import { type ReadBoxes, readBoxes, readSoft, readSoftmax } from '../derived-chunk.ts';
import type { Address } from '../kernel-interface.ts';
import type { OpenPart, RowRange } from '../read-arrays.ts';
import type { WorkerState } from '../worker-state.ts';
import { halvesOf } from './double-halves.ts';
import { SampleFiler } from './filed-samples.ts';
import { distanceNorms, type Norms, regionsOf, sigmoidNorms, softmaxNorms, softNorms } from './norms.ts';
import { tallyCells, tallyLosses } from './tally.ts';

/** Both passes computed with tensors. Arrays are read as the kernels' worker reads them; no arithmetic is theirs. */
export class TensorPasses implements ChunkPasses {
  /** u32 [M] bits of the weight of each region: set before the pass that weighs. */
  regionWeights: Uint32Array | undefined;
  private readonly tf: TensorFlow;
  private readonly bins: number;
  private readonly mu: number;
  private readonly filer: SampleFiler;
  /** Value of each float16. */
  private readonly halves: Float32Array;
  /** Regions of the chunk loaded last. */
  private regions = new Int32Array(0);

  constructor(tf: TensorFlow, state: Pick<WorkerState, 'kind' | 'scale'>, bins: number) {
    this.tf = tf;
    this.bins = bins;
    this.mu = state.scale.task === 'regression' ? state.scale.mu : Number.NaN;
    this.filer = new SampleFiler(state, bins);
    this.halves = Float32Array.from({ length: state.kind === 'float16' ? CELLS : 0 }, (_, bits) => float16OfBits(bits));
  }

  load(state: WorkerState, open: OpenPart, range: RowRange): LoadedChunk {
    const samples = range.rows * open.part.classes;
    if (this.regions.length < samples) this.regions = new Int32Array(samples);
    const chunk = this.derive(state, open, range);
    this.filer.settle(state, chunk, this.regions);
    return chunk;
  }

  count(state: WorkerState, chunk: LoadedChunk): void {
    tallyCells(state, chunk);
    tallyLosses(state, chunk);
  }

  weigh({ memory, arena }: WorkerState, { samples }: LoadedChunk): void {
    const { tf, regions, regionWeights } = this;
    if (regionWeights === undefined)
      throw new TypeError('tensors weigh by region, and no weights of regions were given');
    const out = new Int32Array(memory.buffer, arena.out, samples);
    eachBatch(samples, 1, (from, to) =>
      tf.tidy(() => {
        const own = tf.tensor1d(regions.slice(from, to), 'int32');
        const table = tf.tensor1d(new Int32Array(regionWeights), 'int32');
        const found = tf.gather(table, tf.maximum(own, tf.scalar(0, 'int32')) as Tensor1D);
        // set in here: tidy looks for tensors in every element of what it returns
        out.set(tf.where(tf.greaterEqual(own, 0), found, tf.zerosLike(found)).dataSync(), from);
      }),
    );
  }

  /** Reads a chunk, and computes the regions of its samples and what is counted of them. */
  private derive(state: WorkerState, open: OpenPart, range: RowRange): LoadedChunk {
    const { arena } = state;
    const { part } = open;
    const { logits } = arena;
    const shape = { rows: range.rows, width: part.classes, samples: range.rows * part.classes, logits };
    const chunk = { ...shape, targets: { kind: 'codes', at: arena.codes } } as const;
    switch (part.targets) {
      case 'binary':
      case 'index':
        this.ofLogits(state, loadChunk(state, open, range));
        return chunk;
      case 'soft':
        this.ofSoftTargets(state, readSoft(state, open, range));
        return { ...chunk, softTargets: { target: arena.operand, loss: arena.labels } };
      case 'softmax':
        readSoftmax(state, open, range);
        this.ofSoftmax(state, range.rows, part.logits.columns);
        return chunk;
      case 'boxes':
        this.ofBoxes(state, readBoxes(state, open, range));
        return chunk;
    }
  }

  private ofLogits(state: WorkerState, { rows, width, targets }: LoadedChunk): void {
    const { tf } = this;
    const { arena } = state;
    eachBatch(rows, width, (first, end) => {
      const [from, to] = [first * width, end * width];
      const codes =
        targets.kind === 'codes'
          ? () => tf.tensor1d(Int32Array.from(bytesAt(state, targets.at + from, to - from)), 'int32')
          : () => this.codesOfClasses(intsAt(state, targets.at + 4 * first, end - first), width);
      tf.tidy(() => {
        const own = codes();
        // classes become codes: what comes after reads those
        if (targets.kind === 'classes') bytesAt(state, arena.codes + from, to - from).set(own.dataSync());
        const computed = sigmoidNorms(tf, this.logits(state, from, to), tf.cast(tf.equal(own, 1), 'float32'));
        this.take(state, from, computed);
      });
    });
  }

  /** 0 negative, 1 positive, 2 left out, of classes -1 background and -2 left out. */
  private codesOfClasses(classes: Int32Array, width: number): Tensor {
    const { tf } = this;
    const own = tf.tensor1d(classes.slice(), 'int32');
    const positive = tf.cast(tf.oneHot(own, width), 'int32');
    const leftOut = tf.tile(tf.expandDims(tf.equal(own, -2), 1), [1, width]);
    return tf.reshape(tf.where(leftOut, tf.fill(positive.shape, 2, 'int32'), positive), [-1]);
  }

  /** Float32 logits, as tensors of their own: those of the arena change. */
  private logits({ memory, arena, kind }: WorkerState, from: number, to: number): Tensor1D {
    const { tf, halves } = this;
    if (kind === 'float32')
      return tf.tensor1d(new Float32Array(memory.buffer, arena.logits + 4 * from, to - from).slice());
    const bits = Int32Array.from(new Uint16Array(memory.buffer, arena.logits + 2 * from, to - from));
    return tf.gather(tf.tensor1d(halves), tf.tensor1d(bits, 'int32'));
  }

  private ofSoftTargets(state: WorkerState, samples: number): void {
    const { tf } = this;
    const { arena } = state;
    eachBatch(samples, 1, (from, to) =>
      tf.tidy(() => {
        const targets = tf.tensor1d(floatsAt(state, arena.operand + 4 * from, to - from).slice());
        const computed = softNorms(tf, this.logits(state, from, to), targets);
        floatsAt(state, arena.labels + 4 * from, to - from).set(computed.losses.dataSync());
        this.take(state, from, computed);
      }),
    );
  }

  private ofSoftmax(state: WorkerState, rows: number, columns: number): void {
    const { tf } = this;
    const { arena } = state;
    const codes = bytesAt(state, arena.codes, rows);
    for (const [row, label] of intsAt(state, arena.classes, rows).entries()) codes[row] = label < 0 ? 2 : 0;
    eachBatch(rows, columns, (first, end) =>
      tf.tidy(() => {
        const numbers = floatsAt(state, arena.operand + 4 * first * columns, (end - first) * columns).slice();
        const classes = tf.tensor1d(intsAt(state, arena.classes + 4 * first, end - first).slice(), 'int32');
        this.take(state, first, softmaxNorms(tf, tf.tensor2d(numbers, [end - first, columns]), classes));
      }),
    );
  }

  private ofBoxes(state: WorkerState, { n, predictionBytes, targetBytes, targets }: ReadBoxes): void {
    const { tf } = this;
    eachBatch(n, 1, (from, to) =>
      tf.tidy(() => {
        const a = this.numbers(state, state.arena.operand, predictionBytes, from, to);
        const b = this.numbers(state, targets, targetBytes, from, to);
        const differences = tf.add(tf.sub(a.high, b.high), tf.sub(a.low, b.low));
        this.take(state, from, distanceNorms(tf, differences, this.mu));
      }),
    );
  }

  /** Float32, or float64 as the sum of two. */
  private numbers({ memory }: WorkerState, at: Address, bytes: 4 | 8, from: number, to: number) {
    const { tf } = this;
    if (bytes === 4) {
      const numbers = new Float32Array(memory.buffer, at + 4 * from, to - from).slice();
      return { high: tf.tensor1d(numbers), low: tf.scalar(0) };
    }
    const { high, low } = halvesOf(new Float64Array(memory.buffer, at + 8 * from, to - from));
    return { high: tf.tensor1d(high), low: tf.tensor1d(low) };
  }

  /** Keeps the regions, and puts what was computed where logits are. */
  private take(state: WorkerState, from: number, { norms, values }: Norms): void {
    this.regions.set(regionsOf(this.tf, norms, this.bins).dataSync(), from);
    if (values) floatsAt(state, state.arena.logits + 4 * from, values.size).set(values.dataSync());
  }
}

const floatsAt = ({ memory }: WorkerState, at: Address, n: number) => new Float32Array(memory.buffer, at, n);
const intsAt = ({ memory }: WorkerState, at: Address, n: number) => new Int32Array(memory.buffer, at, n);
const bytesAt = ({ memory }: WorkerState, at: Address, n: number) => new Uint8Array(memory.buffer, at, n);

/** Rows [first, end) of some elements each, as many at a time as tensors hold. */
function eachBatch(rows: number, elements: number, visit: (first: number, end: number) => void): void {
  const most = Math.max(1, Math.floor(TENSOR_ELEMENTS / Math.max(1, elements)));
  for (let first = 0; first < rows; first += most) visit(first, Math.min(rows, first + most));
}
