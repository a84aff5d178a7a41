import { readFile } from 'node:fs/promises';
import { type Breathe, breathing } from '../breath.ts';
import { type Checksum, checksumOf } from '../checksummed-file.ts';
import { isSpace, MOST_DEPTH, TOO_DEEP, ValueEnd } from '../coco/json-value-end.ts';
import type { CellCounts } from '../density/cells.ts';
import type { Density } from '../density/density.ts';
import { inputError } from '../errors.ts';
import { cannotRead, statInputFile } from '../sources/identity.ts';
import { describeMissing, describeShards } from './merge-shards.ts';
import { decodePartial, PARTIAL_SCHEMA } from './partial-file.ts';

/** Larger than any real one; what is larger is something else. 100,000 groups of 30 regions take about 100 MB. */
const MOST_BYTES = 480 * 2 ** 20;

/** What a file holds that `ghm apply --density` takes. */
export type CountsOrDensity =
  | { readonly kind: 'counts'; readonly counts: CellCounts }
  | { readonly kind: 'density'; readonly density: Density };

/** The same, with the checksum of the file. */
export type ReadDensity = CountsOrDensity & { readonly file: Checksum };

/** Reads a partial. @throws inputError naming the file */
export async function readPartial(path: string, breathe: Breathe = breathing()): Promise<CellCounts> {
  const read = await readEither(path, breathe);
  if (read.kind === 'counts') return read.counts;
  throw inputError(`${path}: expected a partial made by ghm histogram or ghm merge, found a density.json`);
}

/**
 * Reads what `ghm apply --density` takes, with the file's checksum.
 *
 * @throws inputError naming the file, also where it counts a stream only in part
 */
export async function readCountsOrDensity(path: string, breathe: Breathe = breathing()): Promise<ReadDensity> {
  const read = await readEither(path, breathe);
  if (read.kind === 'density') return read;
  const { shards } = read.counts;
  if (shards === undefined || shards.indices.length === shards.of) return read;
  throw inputError(
    `${path}: counts ${describeShards(shards)} alone; expected all of them: merge it with ${describeMissing(shards)}`,
  );
}

async function readEither(path: string, breathe: Breathe): Promise<ReadDensity> {
  const { json, file } = await readJson(path, 'a partial or a density.json', undefined, breathe);
  await breathe();
  const schema = typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
  if (schema === PARTIAL_SCHEMA) return { kind: 'counts', counts: await decodePartial(json, path), file };
  if (schema !== 'ghm.density/1') {
    const shown = typeof schema === 'object' ? 'that is no text' : JSON.stringify(schema)?.slice(0, 40);
    const found = schema === undefined ? 'no "schema" field' : `schema ${shown}`;
    throw inputError(
      `${path}: expected a partial (${PARTIAL_SCHEMA}) or a density.json (ghm.density/1), found ${found}`,
    );
  }
  const { densitySchema } = await import('./schemas.ts');
  const parsed = densitySchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(`${path}: not a valid density.json: ${issue.path.join('.')}: ${issue.message}`);
  }
  return { kind: 'density', density: parsed.data, file };
}

/** The JSON of a file that is `what`, with its checksum. @throws inputError naming the file */
export async function readJson(
  path: string,
  what: string,
  most = MOST_BYTES,
  breathe: Breathe = breathing(),
): Promise<{ readonly json: unknown; readonly file: Checksum }> {
  const { size } = statInputFile(path, path, what);
  if (size > most) throw inputError(`${path}: expected ${what}, found ${size} bytes, too many for that`);
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    throw cannotRead(error, path);
  }
  await breathe();
  // what is nested is checked, sealed and written again by recursion
  const start = content.findIndex((byte) => !isSpace(byte));
  if (new ValueEnd().find(content, Math.max(0, start), content.length) === TOO_DEEP) {
    throw inputError(`${path}: expected ${what}, found brackets nested more than ${MOST_DEPTH} deep`);
  }
  await breathe();
  try {
    return { json: JSON.parse(content.toString()), file: checksumOf(content) };
  } catch (error) {
    throw inputError(`${path}: expected ${what}, but it is not JSON (${String(error)})`);
  }
}
