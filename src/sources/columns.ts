import type { Breathe } from '../breath.ts';
import { inputError, usageError } from '../errors.ts';
import { suggestion } from '../options/nearest.ts';
import type { StreamOptions } from '../options/options.ts';
import type { Container } from './container.ts';
import { columnOption, discover, type FileOption, type InputFile } from './discover.ts';
import { described } from './label-reading.ts';
import { openFiles } from './open-files.ts';
import { pairColumn } from './pair.ts';
import { type ArraySource, INTEGER_DTYPES } from './source.ts';

/** A column that batches or groups go by. */
export interface WantedColumn {
  readonly name: string;
  /** The option that asks for it, for messages. */
  readonly flag: string;
}

/**
 * A column in files of its own, paired with the logits as labels are. Of several arrays in a file it is the one of the
 * column's name, or the only one.
 *
 * @throws usageError for a name that was not given; inputError for missing or bad files
 */
export async function columnOfFiles(
  given: NonNullable<StreamOptions['columns']>,
  { name, flag }: WantedColumn,
  logits: readonly InputFile[],
  listed: FileOption,
  cwd: string,
  breathe: Breathe,
): Promise<{ readonly arrays: readonly ArraySource[]; readonly warnings: readonly string[] }> {
  if (!Object.hasOwn(given, name)) {
    const names = Object.keys(given);
    const there = names.length === 0 ? 'there are no columns' : `the columns are ${names.join(', ')}`;
    throw usageError(
      `${flag}: there is no column ${name}, ${there}${suggestion(name, names) || '.'} ` +
        `Give its files with --column ${name}='dumps/*.${name}.npy'`,
    );
  }
  const { files, warnings } = pairColumn(
    logits,
    await discover(given[name], columnOption(name), cwd, 'natural', breathe),
    listed,
    columnOption(name),
  );
  const arrays: ArraySource[] = [];
  for await (const container of openFiles(files, breathe.signal)) {
    const [only, second] = container.keys;
    const key = container.layout === 'array' ? '' : second === undefined ? only : name;
    if (container.layout !== 'array' && !container.keys.includes(key)) throw missingColumn(container, { name, flag });
    arrays.push(await container.open(key));
    await breathe();
  }
  return { arrays, warnings };
}

/** A column in a file that holds the logits too: the array of its name. @throws inputError where there is none */
export async function columnOfContainer(container: Container, wanted: WantedColumn): Promise<ArraySource> {
  if (!container.keys.includes(wanted.name)) throw missingColumn(container, wanted);
  return container.open(wanted.name);
}

const missingColumn = ({ name: file, keys }: Container, { name, flag }: WantedColumn): Error =>
  inputError(`${file}: there is no column ${name} for ${flag}; it holds ${keys.join(', ')}${suggestion(name, keys)}`);

/** Warnings of columns that nothing goes by. */
export const unusedColumns = ({ columns }: StreamOptions, wanted: string | null): string[] =>
  Object.keys(columns ?? {})
    .filter((name) => name !== wanted)
    .map((name) => `--column ${name} has no effect: neither --group nor --batch goes by it`);

/** @throws inputError where a column is not one integer a row of the logits */
export function checkColumn(name: string, column: ArraySource, logits: ArraySource): void {
  if (!INTEGER_DTYPES.some((dtype) => dtype === column.dtype)) {
    throw inputError(`${described(column)}; expected integers, one a row, in column ${name}`);
  }
  if (column.shape.length < 1 || column.shape.length > 2 || column.columns !== 1) {
    throw inputError(`${described(column)}; expected one integer a row, [${logits.rows}], in column ${name}`);
  }
  if (column.rows !== logits.rows) {
    throw inputError(
      `${logits.name} has ${logits.rows} rows and ${column.name} has ${column.rows}; expected as many in both. ` +
        'Do the two files belong together?',
    );
  }
}
