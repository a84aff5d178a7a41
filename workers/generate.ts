import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { blockKeys, blockRows, GROUP_ROWS, MOST_CLASSES } from '../src/generate/block.ts';
import { quantileTables } from '../src/generate/distribution.ts';
import type { GenerateTask, TaskFile } from '../src/generate/generate.ts';
import { workerFile } from '../src/package-files.ts';
import type { GenerateKernels } from './twins/generate.ts';

/** Samples that are made before they are written: 1 MiB of float32. At least one block. */
const CHUNK_SAMPLES = 2 ** 18;

// The memory of this thread. Address 0 means "no weights" to the kernel, so nothing lies there.
const TABLES_AT = 64;
const LABELS_AT = 2 ** 16;
const WEIGHTS_AT = LABELS_AT + 8 * CHUNK_SAMPLES;
const LOGITS_AT = WEIGHTS_AT + 4 * CHUNK_SAMPLES;
/** The largest block: 32 rows of 65,536 classes. Pages that are never touched cost nothing. */
const LOGITS_BYTES = GROUP_ROWS * MOST_CLASSES * 4;
const PAGES = (LOGITS_AT + LOGITS_BYTES) / 65_536;

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const bytes = new Uint8Array(memory.buffer);
const kernels = loadKernels();

function loadKernels(): GenerateKernels {
  const tables = quantileTables();
  new Float32Array(memory.buffer, TABLES_AT, tables.length).set(tables);
  const module = new WebAssembly.Module(readFileSync(workerFile('kernels.wasm')));
  // the exports of a module have no types of their own: this is the contract with kernels/generate.ts
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as GenerateKernels;
}

/** Makes the rows of the task and writes them into the files, which exist. Runs on a worker thread. */
export default function writeRange(task: GenerateTask): void {
  const { seed, classes, begin, end, partBegin } = task;
  const kernel = task.dtype === 'float16' ? kernels.generateFloat16 : kernels.generateFloat32;
  const labelBytes = task.form === 'binary' ? 1 : 8;
  const rowBytes = { logits: classes * (task.dtype === 'float16' ? 2 : 4), labels: labelBytes, label_weights: 4 };
  const address = { logits: LOGITS_AT, labels: LABELS_AT, label_weights: WEIGHTS_AT };
  const weightsAt = task.files.some(({ array }) => array === 'label_weights') ? WEIGHTS_AT : 0;
  const block = blockRows(classes);
  const chunk = block * Math.max(1, Math.floor(CHUNK_SAMPLES / (block * classes)));

  const opened: { readonly file: TaskFile; readonly descriptor: number }[] = [];
  try {
    for (const file of task.files) opened.push({ file, descriptor: openSync(file.path, 'r+') });
    // chunks begin where blocks do; what lies before `begin` is made and not written
    for (let origin = Math.floor(begin / block) * block; origin < end; origin += chunk) {
      const stop = Math.min(end, origin + chunk);
      for (let row = origin; row < stop; row += block) {
        const [key0, key1] = blockKeys(seed, row / block);
        const at = row - origin;
        kernel(
          Math.min(block, stop - row),
          classes,
          labelBytes,
          key0,
          key1,
          TABLES_AT,
          LOGITS_AT + at * rowBytes.logits,
          LABELS_AT + at * labelBytes,
          weightsAt && weightsAt + at * 4,
        );
      }
      const from = Math.max(begin, origin);
      for (const { file, descriptor } of opened) {
        const size = rowBytes[file.array];
        const start = address[file.array];
        const made = bytes.subarray(start + (from - origin) * size, start + (stop - origin) * size);
        writeWhole(descriptor, made, file.dataOffset + (from - partBegin) * size);
      }
    }
  } finally {
    for (const { descriptor } of opened) closeSync(descriptor);
  }
}

/** A write may take less than it was given. */
function writeWhole(descriptor: number, data: Uint8Array, position: number): void {
  for (let done = 0; done < data.length; ) {
    done += writeSync(descriptor, data, done, data.length - done, position + done);
  }
}
