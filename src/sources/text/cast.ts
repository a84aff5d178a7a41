import { sqlName } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import { type Column, isInteger, isNumeric, type TextTable, textRows } from './query.ts';

/** How one array is cast: its type in SQL, and its columns or the length of its lists. */
export interface Cast {
  readonly type: 'BIGINT' | 'FLOAT';
  readonly columns: readonly string[];
  readonly listLength: number | null;
}

/** The least and the greatest length of the lists of a column; `null` where it has none. */
interface ListLengths {
  readonly least: number | null;
  readonly most: number | null;
}

const isList = ({ type }: Column): boolean => type.endsWith(']');

/** Counts the rows of a table, and measures its lists, in one reading. */
export async function listLengthsOf(
  table: TextTable,
): Promise<{ readonly rows: number; readonly lengths: ReadonlyMap<string, ListLengths> }> {
  const { columns, from } = table;
  const lists = columns.filter(isList);
  const lengths = lists.flatMap((column, i) =>
    ['min', 'max'].map((end) => `${end}(len(${sqlName(column.name)})) AS ${end}_${i}`),
  );
  const [found = {}] = await textRows(table, `SELECT ${['count(*) AS "rows"', ...lengths].join(', ')} FROM ${from}`);
  const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return {
    rows: Number(found.rows),
    lengths: new Map(
      lists.map((column, i) => [
        column.name,
        { least: numberOf(found[`min_${i}`]), most: numberOf(found[`max_${i}`]) },
      ]),
    ),
  };
}

/** How the columns of an array are read. @throws inputError where they are no numbers, or lists of several lengths */
export function castOf(columns: readonly Column[], lengths: ReadonlyMap<string, ListLengths>, name: string): Cast {
  const names = columns.map((column) => column.name);
  const bare = columns.map(({ type }) => type.replace(/\[\d*\]$/, ''));
  const wrong = bare.findIndex((type) => !isNumeric(type));
  const hasList = columns.some(isList);
  if (wrong >= 0 || (hasList && columns.length > 1)) {
    const { name: column, type } = columns[Math.max(0, wrong)];
    throw inputError(
      `${name}: unsupported type: expected a column of numbers or of lists of them, found ${type.slice(0, 60)} in ${column}`,
    );
  }
  if (!hasList) return { type: bare.every(isInteger) ? 'BIGINT' : 'FLOAT', columns: names, listLength: null };
  const { least = null, most = null } = lengths.get(names[0]) ?? {};
  if (least !== most) {
    throw inputError(`${name}: its lists are of ${least} to ${most} numbers; expected one length`);
  }
  return { type: 'FLOAT', columns: names, listLength: most ?? 1 };
}
