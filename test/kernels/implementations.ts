import { readFileSync } from 'node:fs';
import type { Kernels } from '../../workers/kernel-interface.ts';
import { scalarKernels } from '../../workers/twins/index.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../dist/workers/kernels.wasm', import.meta.url)));

/** What the module exports beside `Kernels`. */
export interface OtherExports {
  streamSum(from: number, bytes: number): number;
}

/** The exports of the built module on this memory. */
export function wasmKernels(memory: WebAssembly.Memory): Kernels & OtherExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels & OtherExports;
}

export const wasmExportNames = (): string[] => WebAssembly.Module.exports(module).map(({ name }) => name);

/** A memory of its own and the kernels over it. */
export interface Machine {
  readonly bytes: Uint8Array;
  readonly kernels: Kernels;
}

const sharedMemory = (pages: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });

/** Both ways to run the kernels; every suite of this folder runs both. */
export const IMPLEMENTATIONS = {
  wasm: (pages: number): Machine => {
    const memory = sharedMemory(pages);
    return { bytes: new Uint8Array(memory.buffer), kernels: wasmKernels(memory) };
  },
  twin: (pages: number): Machine => {
    const { buffer } = sharedMemory(pages);
    return { bytes: new Uint8Array(buffer), kernels: scalarKernels(buffer) };
  },
} as const;

export type Implementation = keyof typeof IMPLEMENTATIONS;
export const BOTH = Object.keys(IMPLEMENTATIONS) as Implementation[];

/** Around each group of four, each vector, and each block of 4096. */
export const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 4095, 4096, 4097, 3 * 4096 + 1] as const;

/** Numbers 0..2^32 - 1, the same for every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const NOISE = Uint32Array.from({ length: 65_536 }, seeded(0));

/** Fills with bytes that look random, another sequence for another seed. */
export function fillRandom(bytes: Uint8Array, seed: number): void {
  const noise = new Uint8Array(NOISE.buffer);
  const skip = (seed * 4099) % 65_536;
  for (let at = 0; at < bytes.length; at += noise.length - skip) {
    bytes.set(noise.subarray(skip, Math.min(noise.length, skip + bytes.length - at)), at);
  }
}
