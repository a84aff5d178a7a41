import { usageError } from '../errors.ts';
import { found, type RawOptions } from './fields.ts';

/** Samples that get a density of their own: mini-batches in stream order, or groups. */
export type SetRequest =
  | { readonly kind: 'batches'; readonly by: 'rows'; readonly rows: number }
  | { readonly kind: 'batches'; readonly by: 'column'; readonly column: string; readonly size: number }
  | { readonly kind: 'groups'; readonly column: string };

/** The group that is the class index, the column of logits `[N, C]`. */
export const CLASS_GROUP = 'class';

/** The options that say which sets there are. */
export interface SetChoice {
  /** `rows:N` or `column:NAME`. */
  readonly batch: string | undefined;
  readonly batchSize: number | undefined;
  /** A column, or `class`. */
  readonly group: string | undefined;
}

/** What the options ask for; `null`: one density for all samples. */
export function setRequest({ batch, batchSize, group }: SetChoice): SetRequest | null {
  if (group !== undefined) return { kind: 'groups', column: group };
  if (batch === undefined) return null;
  const { rows, column } = parseBatch(batch);
  if (column !== undefined) return { kind: 'batches', by: 'column', column, size: batchSize ?? 1 };
  return { kind: 'batches', by: 'rows', rows: rows ?? 1 };
}

/** Name of the column that is read for sets; `null` where none is. */
export function columnOf(request: SetRequest | null): string | null {
  if (request === null) return null;
  if (request.kind === 'groups') return request.column === CLASS_GROUP ? null : request.column;
  return request.by === 'column' ? request.column : null;
}

/** The option that asks for the sets, as the user wrote it. */
export function describeRequest(request: SetRequest): string {
  if (request.kind === 'groups') return `--group ${request.column}`;
  return request.by === 'rows'
    ? `--batch rows:${request.rows}`
    : `--batch column:${request.column} --batch-size ${request.size}`;
}

function parseBatch(batch: string): { rows?: number; column?: string } {
  const match = /^(?:rows:([1-9]\d{0,14})|column:(.+))$/.exec(batch);
  if (match === null) throw usageError(`--batch: expected rows:N or column:NAME, found ${found(batch)}`);
  return match[1] === undefined ? { column: match[2] } : { rows: Number(match[1]) };
}

const text = (raw: RawOptions, key: string, flag: string, what: string): string | undefined => {
  const value = raw[key];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw usageError(`${flag}: expected ${what}, found ${found(value)}`);
};

/** Batches or groups, checked against each other. @throws GhmError (usage) */
export function setChoice(raw: RawOptions, batchSize: number | undefined): SetChoice {
  const batch = text(raw, 'batch', '--batch', 'rows:N or column:NAME');
  const group = text(raw, 'group', '--group', 'the name of a column, or class');
  if (batch !== undefined && group !== undefined) {
    throw usageError('--batch and --group: samples are in batches or in groups, not both; drop one of them');
  }
  if (batch === undefined && batchSize !== undefined) {
    throw usageError('--batch-size: has no meaning without --batch column:NAME; add that, or drop --batch-size');
  }
  if (batch === undefined) return { batch, batchSize, group };
  const { column } = parseBatch(batch);
  if (column === undefined && batchSize !== undefined) {
    throw usageError(`--batch-size: --batch ${batch} says its size itself; drop --batch-size`);
  }
  if (column !== undefined && batchSize === undefined) {
    throw usageError(`--batch ${batch}: add --batch-size K, how many values of ${column} make a batch`);
  }
  return { batch, batchSize, group };
}

/** How batches follow each other: `undefined` where there are none. @throws GhmError (usage) */
export function momentumOf(raw: RawOptions): number | undefined {
  const { momentum } = raw;
  if (momentum === undefined) return undefined;
  if (typeof momentum === 'number' && momentum >= 0 && momentum < 1) return momentum;
  throw usageError(`--momentum: expected a number of at least 0 and below 1, found ${found(momentum)}`);
}

/** Files of columns by name. @throws GhmError (usage) */
export function columnFiles(raw: RawOptions): Readonly<Record<string, readonly string[]>> | undefined {
  const { columns } = raw;
  if (columns === undefined) return undefined;
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns)) {
    throw usageError(`--column: expected NAME=FILES, found ${found(columns)}`);
  }
  return Object.freeze(
    Object.fromEntries(Object.entries(columns).map(([name, files]) => [name, filesOf(name, files)])),
  );
}

function filesOf(name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((file): file is string => typeof file === 'string' && file !== '');
  if (name === CLASS_GROUP) {
    throw usageError(`--column ${name}: that name is the column of the logits; give the column another name`);
  }
  if (texts.length === 0 || texts.length < list.length) {
    throw usageError(`--column ${name}: expected at least one file or quoted glob, such as 'dumps/*.${name}.npy'`);
  }
  return Object.freeze(texts);
}
