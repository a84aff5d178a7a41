import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { float16OfBits } from '../src/density/cell-values.ts';
import { blockKeys, blockRows } from '../src/generate/block.ts';
import { quantileTables } from '../src/generate/distribution.ts';
import { generate } from '../src/index.ts';
import { parseNpyHeader } from '../src/sources/npy/header.ts';
import type { Address } from '../workers/kernel-interface.ts';
import type { KernelMemory } from './kernel-memory.ts';

export const SEED = 20_190_127;

/** Where a stream lies in a `KernelMemory`. */
export interface StreamInMemory {
  readonly rows: number;
  readonly width: number;
  readonly samples: number;
  /** float32 or float16, as the memory's kind. */
  readonly logits: Address;
  /** u8 [rows] codes; only where width is 1. */
  readonly codes: Address;
  /** i32 [rows]: -1 background, else the class; only where width is above 1. */
  readonly classes: Address;
  /** u32 [samples] for weights. */
  readonly out: Address;
}

/** Bytes of data that `generateStream` places: logits, labels, classes or codes, weights. */
export const streamBytes = (samples: number, width: number): number =>
  samples * 8 + Math.ceil(samples / width) * 12 + 2 ** 20;

/** Puts a seeded stream into memory: what `ghm generate` writes, and labels in the kernels' form. */
export function generateStream(k: KernelMemory, samples: number, width = 1): StreamInMemory {
  const rows = Math.ceil(samples / width);
  const half = k.partition.kind === 'float16';
  let at = k.data;
  const place = (bytes: number): Address => {
    const here = at;
    at += 64 * Math.ceil(bytes / 64);
    return here;
  };
  const tables = quantileTables();
  const tablesAt = place(tables.byteLength);
  new Float32Array(k.memory.buffer, tablesAt, tables.length).set(tables);
  const labelBytes = width === 1 ? 1 : 8;
  const total = rows * width;
  const logits = place(total * (half ? 2 : 4));
  const labels = place(rows * labelBytes);
  const classes = place(width === 1 ? 0 : rows * 4);
  const make = half ? k.kernels.generateFloat16 : k.kernels.generateFloat32;
  const block = blockRows(width);
  for (let row = 0; row < rows; row += block) {
    const [key0, key1] = blockKeys(SEED, row / block);
    const logitsAt = logits + row * width * (half ? 2 : 4);
    make(Math.min(block, rows - row), width, labelBytes, key0, key1, tablesAt, logitsAt, labels + row * labelBytes, 0);
  }
  if (width > 1) k.kernels.rowClasses(6, labels, rows, 0, width, width, -1, classes);
  return { rows, width, samples: total, logits, codes: labels, classes, out: place(total * 4) };
}

/** Fills a stream of width 1 with the shipped real sample, repeated; ignored anchors are left out. float32 only. */
export function fillWithReal(k: KernelMemory, stream: StreamInMemory): void {
  const logits = new Float32Array(k.memory.buffer, stream.logits, stream.samples);
  const codes = new Uint8Array(k.memory.buffer, stream.codes, stream.samples);
  const real = realSample();
  for (let i = 0; i < stream.samples; i++) {
    logits[i] = real.logits[i % real.logits.length];
    codes[i] = real.labels[i % real.labels.length];
  }
}

/** examples/bccd as binary samples: 213,342 of a real detector. */
function realSample(): { logits: Float32Array; labels: Uint8Array } {
  const array = (name: string): { bytes: Buffer; shape: readonly number[] } => {
    const file = readFileSync(new URL(`../examples/bccd/${name}.npy`, import.meta.url));
    const { dataOffset, shape } = parseNpyHeader(file, name);
    return { bytes: file.subarray(dataOffset), shape };
  };
  const halves = array('logits');
  const labels = array('labels').bytes;
  const weights = array('label_weights').bytes;
  const [rows, width] = halves.shape;
  const kept = Array.from({ length: rows * width }, (_, i) => i).filter((i) => weights[Math.floor(i / width)] > 0);
  return {
    logits: Float32Array.from(kept, (i) => float16OfBits(halves.bytes.readUInt16LE(2 * i))),
    labels: Uint8Array.from(kept, (i) => Number(labels.readInt8(Math.floor(i / width)) === i % width)),
  };
}

/** Makes a temporary folder in `parent`, gives it to `use`, and removes it. */
export async function withFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, 'ghm-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const interrupt = () => {
    remove();
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  try {
    return await use(folder);
  } finally {
    process.off('SIGINT', interrupt);
    remove();
  }
}

/** Writes the seeded stream as npy files: float32 logits [N], uint8 labels [N]. */
export async function generateFiles(out: string, samples: number, samplesPerPart = samples): Promise<void> {
  await generate({ samples, out, seed: SEED, samplesPerPart });
}
