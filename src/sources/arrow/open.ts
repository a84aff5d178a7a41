import { inputError } from '../../errors.ts';
import { columnsOf } from '../array-keys.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { type BlockArray, besideNull, type Dtype } from '../source.ts';
import { type ArrowFooter, type BatchLayout, readArrowFooter } from './footer.ts';
import { type ArrowReading, BATCH_WORDS, type BatchShape } from './reading.ts';
import { type NumberField, numberField, UnequalLists, valuesOf } from './values.ts';

/**
 * Opens an Arrow IPC file (Feather version 2): columns of numbers, or of lists of equally many numbers. Reads the metadata,
 * no data.
 *
 * @throws inputError where the metadata are damaged
 */
export function openArrow(handle: InputHandle): Container {
  const { path, name, stats } = handle;
  const footer = readArrowFooter(handle);
  const { fields, rows } = footer;

  const open = (key: string): BlockArray => {
    const own = arrayName(name, key);
    const chosen = columnsOf(fields, key).map((field) => numberField(field, own));
    const isList = chosen.some((column) => column.isList);
    const { shapes, batches, storedBytes } = shapedBatches(footer, chosen, own);
    const columns = shapes[0]?.columns.reduce((sum, { width }) => sum + width, 0) ?? chosen.length;
    const hasNulls = shapes.some((shape) => shape.columns.some((c) => c.validity !== null || c.listValidity !== null));
    const stored = storedOf(chosen, own);
    return {
      kind: 'blocks',
      format: 'arrow',
      path,
      name: own,
      dtype: hasNulls ? besideNull(stored) : stored,
      bigEndian: false,
      shape: isList || key !== chosen[0].field.name ? [rows, columns] : [rows],
      rows,
      columns,
      storedBytes,
      identity: identityFromStats(stats),
      blocks: shapes.some(({ codec }) => codec !== 'none') ? footer.batches.map(({ firstRow }) => firstRow) : null,
      nulls: hasNulls,
      nullAs: 'mark',
      reading: { kind: 'arrow', stored, shapes, batches },
    };
  };
  return { path, name, format: 'arrow', layout: 'columns', keys: fields.map((field) => field.name), open };
}

function storedOf(columns: readonly NumberField[], name: string): Dtype {
  const [{ stored }] = columns;
  if (columns.every((column) => column.stored === stored)) return stored;
  const types = [...new Set(columns.map((column) => column.stored))].join(', ');
  throw inputError(`${name}: its columns are of different types (${types}); expected one`);
}

interface ShapedBatches extends Pick<ArrowReading, 'shapes' | 'batches'> {
  readonly storedBytes: number;
}

function shapedBatches(footer: ArrowFooter, chosen: readonly NumberField[], name: string): ShapedBatches {
  const { fields } = footer;
  const columns = chosen.map((column) => ({ column, before: fields.slice(0, fields.indexOf(column.field)) }));
  const shapes: BatchShape[] = [];
  const batches = new Float64Array(BATCH_WORDS * footer.batches.length);
  const numbers = new Map<BatchLayout, number>();
  let storedBytes = 0;
  try {
    for (const [i, { firstRow, bodyAt, layout }] of footer.batches.entries()) {
      let number = numbers.get(layout);
      if (number === undefined) {
        const { rows, codec } = layout;
        const shape = { rows, codec, columns: columns.map(({ column, before }) => valuesOf(before, column, layout)) };
        const [{ columns: first } = shape] = shapes;
        if (shape.columns.some(({ width }, c) => width !== first[c].width)) throw new UnequalLists();
        number = shapes.push(shape) - 1;
        numbers.set(layout, number);
      }
      storedBytes += shapes[number].columns.reduce((sum, { values }) => sum + values.bytes, 0);
      batches.set([firstRow, bodyAt, number], BATCH_WORDS * i);
    }
    return { shapes, batches, storedBytes };
  } catch (error) {
    if (error instanceof UnequalLists)
      throw inputError(`${name}: its lists are of different lengths; expected one length`);
    if (error instanceof RangeError) throw inputError(`${name}: damaged: ${error.message}`);
    throw error;
  }
}
