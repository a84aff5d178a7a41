import { usageError } from '../errors.ts';
import { npyHeader } from '../sources/npy/header.ts';
import { DTYPE_BYTES, type Dtype, type Row } from '../sources/source.ts';
import { blockRows } from './block.ts';
import type { CompleteGenerate } from './options.ts';

/** Rows `[begin, end)` of the stream, and the part they belong to. */
export interface RowRange {
  readonly part: number;
  readonly partBegin: Row;
  readonly begin: Row;
  readonly end: Row;
}

/** One array of a part, before it is written. */
export interface PartFile {
  /** `logits` of `part-00000.logits.npy`. */
  readonly array: ArrayName;
  readonly name: string;
  readonly header: Uint8Array;
  /** Bytes of the whole file. */
  readonly bytes: number;
}

type ArrayName = 'logits' | 'labels' | 'label_weights';

/** How a stream of `rows` rows is cut. Pure: nothing is opened. */
export interface GeneratePlan {
  readonly rows: Row;
  /** Samples of a row: 1 for form `binary`. */
  readonly classes: number;
  readonly rowsPerPart: Row;
  readonly parts: number;
  /** Rows of a range: whole blocks, about 2^23 samples. */
  readonly rowsPerRange: Row;
}

const RANGE_SAMPLES = 2 ** 23;
/** The numbers of parts have five digits, so that any sorting keeps them in order. */
const MOST_PARTS = 100_000;

/** @throws GhmError (usage) if the parts are so small that they would be too many */
export function planGenerate(options: CompleteGenerate): GeneratePlan {
  const { samples, classes, samplesPerPart } = options;
  const rows = Math.ceil(samples / classes);
  const rowsPerPart = Math.min(rows, Math.max(1, Math.floor(samplesPerPart / classes)));
  const parts = Math.ceil(rows / rowsPerPart);
  if (parts > MOST_PARTS) {
    const enough = Math.ceil(rows / MOST_PARTS) * classes;
    throw usageError(
      `--part-samples: ${samplesPerPart} would make ${parts} parts, and ${MOST_PARTS} are the most; use ${enough} or more`,
    );
  }
  const block = blockRows(classes);
  const blocksPerRange = Math.max(1, Math.floor(RANGE_SAMPLES / (block * classes)));
  return { rows, classes, rowsPerPart, parts, rowsPerRange: blocksPerRange * block };
}

/** What the workers are given one at a time: no range crosses a part or, but at its ends, cuts a block. */
export function* rowRanges(plan: GeneratePlan): Generator<RowRange, void> {
  for (let part = 0; part < plan.parts; part++) {
    const partBegin = part * plan.rowsPerPart;
    const partEnd = Math.min(partBegin + plan.rowsPerPart, plan.rows);
    for (let begin = partBegin; begin < partEnd; ) {
      const end = Math.min(partEnd, (Math.floor(begin / plan.rowsPerRange) + 1) * plan.rowsPerRange);
      yield { part, partBegin, begin, end };
      begin = end;
    }
  }
}

/** dtypes of the arrays of a stream, in the order they are listed. */
function arrayDtypes(options: Pick<CompleteGenerate, 'form' | 'dtype' | 'labelWeights'>): Map<ArrayName, Dtype> {
  const arrays = new Map<ArrayName, Dtype>([
    ['logits', options.dtype],
    ['labels', options.form === 'binary' ? 'uint8' : 'int64'],
  ]);
  if (options.labelWeights) arrays.set('label_weights', 'float32');
  return arrays;
}

/** The files of one part. */
export function partFiles(plan: GeneratePlan, options: CompleteGenerate, part: number): PartFile[] {
  const rows = Math.min(plan.rowsPerPart, plan.rows - part * plan.rowsPerPart);
  return [...arrayDtypes(options)].map(([array, dtype]) => {
    const shape = array === 'logits' && options.form === 'index' ? [rows, plan.classes] : [rows];
    const header = npyHeader(shape, dtype);
    const bytes = header.length + shape.reduce((a, b) => a * b, 1) * DTYPE_BYTES[dtype];
    return { array, name: `part-${String(part).padStart(5, '0')}.${array}.npy`, header, bytes };
  });
}
