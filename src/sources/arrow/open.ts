import { inputError } from '../../errors.ts';
import { columnsOf } from '../array-keys.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { type BlockArray, besideNull, type Dtype } from '../source.ts';
import { type ArrowFooter, readArrowFooter } from './footer.ts';
import type { ArrowBatch } from './reading.ts';
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
    const batches = batchesOf(footer, chosen, own);
    const isList = chosen.some((column) => column.isList);
    const columns = batches[0]?.columns.reduce((sum, { width }) => sum + width, 0) ?? chosen.length;
    const regions = batches.flatMap((batch) => batch.columns.map(({ values }) => values));
    const hasNulls = batches.some((batch) => batch.columns.some((c) => c.validity !== null || c.listValidity !== null));
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
      storedBytes: regions.reduce((sum, { bytes }) => sum + bytes, 0),
      identity: identityFromStats(stats),
      blocks: footer.batches.some(({ codec }) => codec !== 'none')
        ? footer.batches.map(({ firstRow }) => firstRow)
        : null,
      nulls: hasNulls,
      nullAs: 'mark',
      reading: { kind: 'arrow', stored, batches },
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

function batchesOf({ fields, batches }: ArrowFooter, chosen: readonly NumberField[], name: string): ArrowBatch[] {
  const widths: number[] = [];
  try {
    return batches.map((batch) => {
      const columns = chosen.map((column, c) => {
        const values = valuesOf(fields.slice(0, fields.indexOf(column.field)), column, batch);
        widths[c] ??= values.width;
        if (values.width !== widths[c]) throw new UnequalLists();
        return values;
      });
      return { firstRow: batch.firstRow, rows: batch.rows, codec: batch.codec, columns };
    });
  } catch (error) {
    if (error instanceof UnequalLists)
      throw inputError(`${name}: its lists are of different lengths; expected one length`);
    if (error instanceof RangeError) throw inputError(`${name}: damaged: ${error.message}`);
    throw error;
  }
}
