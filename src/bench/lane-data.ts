import type { GenerateKernels } from '../../workers/twins/generate.ts';
import { blockKeys, blockRows } from '../generate/block.ts';
import { type Arena, arenaOf } from '../memory/layout.ts';
import { chunkRowsOf, type DataForm, rowsOf, sliceOf } from './data-sets.ts';
import type { LaneTools } from './lane-tools.ts';
import type { FillTask, WorkTask } from './protocol.ts';

/** Consecutive rows in memory. */
export interface Piece {
  readonly logits: number;
  readonly labels: number;
  readonly out: number;
  readonly rows: number;
}

/** What a lane works on: pieces no larger than a chunk, one after the other, as in a real run. */
export interface LaneData {
  readonly pieces: readonly Piece[];
  /** All of them as one. */
  readonly whole: Piece;
}

/** Writes this lane's blocks of the stream; classes of rows become i32, as pass 1 has them. */
export function fillData(tools: LaneTools, form: DataForm, { lane, lanes, seed }: FillTask): void {
  const { kernels, layout, samples } = tools;
  const { width, logitBytes, labelBytes } = form;
  const rows = rowsOf(form, samples);
  const block = blockRows(width);
  const kernel: keyof GenerateKernels = form.kind === 'float16' ? 'generateFloat16' : 'generateFloat32';
  const indices = arenaFor(tools, lane).out;
  const blocks = Math.ceil(rows / block);
  for (let b = Math.floor((lane * blocks) / lanes); b < Math.floor(((lane + 1) * blocks) / lanes); b++) {
    const begin = b * block;
    const count = Math.min(block, rows - begin);
    const logits = layout.logits + begin * width * logitBytes;
    const labels = layout.labels + begin * labelBytes;
    const [key0, key1] = blockKeys(seed, b);
    if (width === 1) {
      kernels[kernel](count, 1, 1, key0, key1, layout.tables, logits, labels, 0);
    } else {
      kernels[kernel](count, width, 8, key0, key1, layout.tables, logits, indices, 0);
      kernels.rowClasses(INT64, indices, count, 0, width, width, -1, labels);
    }
  }
}

const INT64 = 6;

/** Copies the first chunk of the stream into this lane's arena. */
export function placeChunk(tools: LaneTools, form: DataForm, lane: number): void {
  const { bytes, layout } = tools;
  const { pieces } = chunkOf(tools, form, lane);
  for (const { logits, labels, rows } of pieces) {
    bytes.copyWithin(logits, layout.logits, layout.logits + rows * form.width * form.logitBytes);
    bytes.copyWithin(labels, layout.labels, layout.labels + rows * form.labelBytes);
  }
}

/** Where this lane's data lie. */
export function laneData(tools: LaneTools, form: DataForm, task: WorkTask): LaneData {
  return task.place === 'cache' ? chunkOf(tools, form, task.lane) : partOf(tools, form, task);
}

function chunkOf(tools: LaneTools, form: DataForm, lane: number): LaneData {
  const { logits, codes, classes, out } = arenaFor(tools, lane);
  const { chunkSamples } = tools.layout.plan.layout;
  const rows = chunkRowsOf(form, chunkSamples, rowsOf(form, tools.samples));
  const whole = { logits, labels: form.width === 1 ? codes : classes, out, rows };
  return { pieces: [whole], whole };
}

function partOf(tools: LaneTools, form: DataForm, { lane, lanes }: WorkTask): LaneData {
  const { layout, samples } = tools;
  const rows = rowsOf(form, samples);
  const piece = (from: number, to: number): Piece => ({
    logits: layout.logits + from * form.width * form.logitBytes,
    labels: layout.labels + from * form.labelBytes,
    out: layout.out + from * form.width * 4,
    rows: to - from,
  });
  const { begin, end } = sliceOf(rows, lane, lanes);
  const step = chunkRowsOf(form, layout.plan.layout.chunkSamples, rows);
  const pieces: Piece[] = [];
  for (let from = begin; from < end; from += step) pieces.push(piece(from, Math.min(end, from + step)));
  return { pieces, whole: piece(begin, end) };
}

const arenaFor = ({ layout }: LaneTools, lane: number): Arena => arenaOf(layout.plan.layout, layout.plan.needs, lane);
