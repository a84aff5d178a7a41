import type { Breathe } from '../breath.ts';
import { inputError, usageError } from '../errors.ts';
import { suggestion } from '../options/nearest.ts';
import type { StreamOptions, Task } from '../options/options.ts';
import type { List } from '../shared-list/list.ts';
import { FILES_FLAG, rolesOf } from './array-keys.ts';
import type { Container } from './container.ts';
import { columnOption, discover, type FileOption } from './discover.ts';
import { described } from './label-reading.ts';
import { nullsAs } from './null-mark.ts';
import { openFile } from './open-file.ts';
import { openFiles } from './open-files.ts';
import { pairColumn } from './pair.ts';
import { type ArraySource, INTEGER_DTYPES, type Part } from './source.ts';

/** A column that is asked for: one number a row beside the logits, such as the image of each. */
export interface WantedColumn {
  /** `image` is short for `image_id`, where there is no `image`. */
  readonly name: string;
  /** The option that asks for it, for messages. */
  readonly flag: string;
  /** Whether its values make groups: they have to be integers. */
  readonly groups: boolean;
}

/** As it was found. */
export interface RowColumn {
  readonly name: string;
  /** One array a part. */
  readonly arrays: readonly ArraySource[];
  readonly warnings: readonly string[];
}

type ColumnOptions = Pick<StreamOptions, 'files' | 'columns'> & { readonly task: Task };

const SHORT = 'image';
const LONG = 'image_id';

/**
 * Finds a column of every part: in files of its own, in the order of the logits', or in the files of the logits.
 *
 * @throws usageError for a column that is not there; inputError for one that does not fit the logits
 */
export async function rowColumn(
  wanted: WantedColumn,
  parts: List<Part>,
  { files, columns = {}, task }: ColumnOptions,
  breathe: Breathe,
): Promise<RowColumn> {
  const { name: written, groups } = wanted;
  const given = Object.keys(columns);
  const name = written === SHORT && !given.includes(SHORT) && given.includes(LONG) ? LONG : written;
  const listed = files === undefined ? FILES_FLAG[rolesOf(task).logits] : 'FILES';
  const column = given.includes(name)
    ? await ofFiles(name, columns[name], parts, listed, breathe)
    : files === undefined
      ? undefined
      : await ofContainers(wanted, parts, breathe);
  if (column === undefined) throw unknownColumn(wanted, given);
  for (const [i, part] of parts.entries()) checkColumn(column.name, column.arrays[i], part, groups);
  return { ...column, arrays: column.arrays.map(withoutNulls) };
}

/** No integer could stand for a null. */
const withoutNulls = (array: ArraySource): ArraySource => (isInteger(array) ? nullsAs(array, 'refuse') : array);

const isInteger = ({ dtype }: ArraySource): boolean => dtype === 'bool' || INTEGER_DTYPES.some((one) => one === dtype);

function unknownColumn({ name, flag, groups }: WantedColumn, given: readonly string[]): Error {
  const wanted = name === SHORT ? LONG : name;
  const there = given.length === 0 ? '' : `; the columns are ${given.join(', ')}`;
  return usageError(
    `${flag} ${name}: there is no column ${wanted}${suggestion(wanted, given)}${there}. ` +
      `Give its files with --column ${wanted}='dumps/*.${wanted}.npy'${groups ? ', or go by class or file' : ''}`,
  );
}

async function ofFiles(
  name: string,
  patterns: string | readonly string[],
  parts: List<Part>,
  listed: FileOption,
  breathe: Breathe,
): Promise<RowColumn> {
  const option = columnOption(name);
  const logits = parts.map((part) => part.logits);
  const found = await discover(patterns, option, process.cwd(), 'natural', breathe);
  const { files, warnings } = pairColumn(logits, found, listed, option);
  const arrays: ArraySource[] = [];
  for await (const container of openFiles(files, breathe.signal)) {
    const { layout, keys } = container;
    const key = layout === 'array' ? '' : keys.length === 1 ? keys[0] : name;
    if (layout !== 'array' && !keys.includes(key)) throw missing(container, name, option);
    arrays.push(await container.open(key));
    await breathe();
  }
  return { name, arrays, warnings };
}

async function ofContainers(
  { name: written, flag }: WantedColumn,
  parts: List<Part>,
  breathe: Breathe,
): Promise<RowColumn> {
  let name = written;
  const arrays: ArraySource[] = [];
  let container: Container | undefined;
  for (const { logits } of parts) {
    // the parts of a file follow each other
    if (container?.path !== logits.path) {
      const file = logits.name.endsWith(']') ? logits.name.slice(0, logits.name.lastIndexOf('[')) : logits.name;
      container = await openFile({ path: logits.path, name: file }, breathe.signal);
    }
    if (name === SHORT && !container.keys.includes(SHORT)) name = LONG;
    if (!container.keys.includes(name)) throw missing(container, name, `${flag} ${written}`);
    arrays.push(await container.open(name));
    await breathe();
  }
  return { name, arrays, warnings: [] };
}

const missing = ({ name: file, keys }: Container, name: string, asked: string): Error =>
  inputError(
    `${file}: holds no column ${JSON.stringify(name)} for ${asked}; it holds ${keys.slice(0, 20).join(', ')}` +
      suggestion(name, keys),
  );

function checkColumn(name: string, column: ArraySource, { logits }: Part, groups: boolean): void {
  if (groups && !isInteger(column)) {
    throw inputError(`${described(column)}; expected integers, one a row, in column ${name}`);
  }
  if (column.shape.length < 1 || column.shape.length > 2 || column.columns !== 1) {
    throw inputError(`${described(column)}; expected one number a row, [${logits.rows}], in column ${name}`);
  }
  if (column.rows === logits.rows) return;
  throw inputError(
    `${logits.name} has ${logits.rows} rows and ${column.name} has ${column.rows}; expected as many in both. ` +
      'Do the two files belong together?',
  );
}
