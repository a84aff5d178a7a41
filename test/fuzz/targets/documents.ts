import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { breathing } from '../../../src/breath.ts';
import { inputError } from '../../../src/errors.ts';
import { apply, type HistogramOptions, histogram, report, verify } from '../../../src/index.ts';
import { decodePartial, encodePartial } from '../../../src/partial/partial-file.ts';
import { readPartial } from '../../../src/partial/read.ts';
import { partialSchema } from '../../../src/partial/schemas.ts';
import { densityJson } from '../../../src/run/density-json.ts';
import { densityOf } from '../../../src/run/density-of.ts';
import { sealOf } from '../../../src/sealed-json.ts';
import { npy } from '../../run/npy-data.ts';
import type { FuzzTarget } from '../target.ts';

const ROWS = 9;
const FORMS: readonly Partial<HistogramOptions>[] = [
  { bins: 4 },
  { density: 'window', bins: 3 },
  { group: 'class', bins: 3 },
  { batch: 'rows:4', bins: 2 },
  { task: 'softmax', bins: 3 },
];

/** What is counted in a small stream, in all forms that there are. */
async function partials(folder: string): Promise<string[]> {
  const values = Array.from({ length: 2 * ROWS }, (_, i) => 6 * Math.sin(i * i));
  writeFileSync(join(folder, 'x.npy'), npy('float32', [ROWS, 2], values));
  writeFileSync(
    join(folder, 'y.npy'),
    npy(
      'int8',
      [ROWS],
      values.slice(0, ROWS).map((value) => (value > 3 ? 1 : 0)),
    ),
  );
  const paths: string[] = [];
  for (const [i, form] of FORMS.entries()) {
    const out = join(folder, `${i}.ghm`);
    const stream = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy') } as const;
    await histogram({ ...stream, ...form, out, threads: 1 });
    paths.push(out);
  }
  return paths;
}

/** Seeds made in the folder, which is empty afterwards. */
async function emptied(folder: string, make: () => Promise<string[]>): Promise<Uint8Array[]> {
  const seeds = (await make()).map((path) => readFileSync(path));
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  return seeds;
}

/** The file `name` of what is applied of partials. */
async function applied(folder: string, name: string): Promise<string[]> {
  const made = await partials(folder);
  const paths: string[] = [];
  for (const [i, density] of made.entries()) {
    const out = join(folder, `out-${i}`);
    const stream = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy') } as const;
    const { task } = FORMS[i];
    await apply({
      ...{ ...stream, ...(task && { task }), density, out, threads: 1 },
      ...(FORMS[i].batch && { momentum: 0.5 }),
      ...(FORMS[i].density && { method: 'window' as const }),
    });
    paths.push(join(out, name));
  }
  return paths;
}

/** The same document with the seal that it should have. */
function resealed(input: Uint8Array, sealed: (json: object) => object | null): Uint8Array[] {
  try {
    const json: unknown = JSON.parse(Buffer.from(input).toString());
    const document = typeof json === 'object' && json !== null ? sealed(json) : null;
    return document === null ? [] : [Buffer.from(JSON.stringify({ ...document, sha256: sealOf(document) }))];
  } catch {
    return [];
  }
}

/** Of a partial, the seal is over the fields that it has. */
function sealedPartial(json: object): object | null {
  const parsed = partialSchema.safeParse({ ...json, sha256: '' });
  if (!parsed.success) return null;
  const { sha256: _, ...document } = parsed.data;
  return document;
}

function sealedSummary(json: object): object {
  const { sha256: _, ...document } = json as Readonly<Record<string, unknown>>;
  return document;
}

/** Weights of a partial by both methods; written again, it is what it was. */
async function usePartial(path: string): Promise<void> {
  const counts = await readPartial(path);
  const options = { bins: counts.bins, normalize: undefined, epsilon: undefined, maxWeight: undefined, meanOne: true };
  const rule = { ...options, momentum: 0.5, biasCorrection: true, focalGamma: 2, focalAlpha: 0.25 };
  densityJson((await densityOf(counts, 'unit-region', rule, breathing())).density);
  densityJson((await densityOf({ ...counts, sets: undefined }, 'window', rule, breathing())).density);
  const text = encodePartial(counts);
  if (encodePartial(await decodePartial(JSON.parse(text), path)) !== text) throw new Error('written again, it differs');
}

const draw = async (files: string, scratch: string): Promise<void> => {
  const out = join(scratch, 'report.html');
  try {
    await report({ files, out });
  } finally {
    rmSync(out, { force: true });
  }
};

const SMALL_DENSITY = JSON.stringify({
  ...{ schema: 'ghm.density/1', task: 'classification', method: 'unit-region', bins: 1, normalize: 'valid-bins' },
  ...{ total: 2, ignored: 0, validBins: 1, edges: [0, 1], counts: [2], gradientDensity: [2], beta: [1] },
  loss: { ce: 1, focal: 1, ghmc: 1 },
});

const KEYS = ['"schema"', '"bins"', '"counts"', '"beta"', '"groups"', '"batches"', '"window"', '"loss"', '"sha256"'];

/** What `ghm` reads that it wrote, or that someone says it wrote. */
export const DOCUMENTS: readonly FuzzTarget[] = [
  {
    name: 'partial',
    file: 'x.ghm',
    seeds: (folder) => emptied(folder, () => partials(folder)),
    mended: (input) => resealed(input, sealedPartial),
    words: KEYS,
    read: usePartial,
  },
  {
    name: 'density',
    file: 'density.json',
    seeds: (folder) => emptied(folder, () => applied(folder, 'density.json')),
    words: KEYS,
    read: (path, scratch) => draw(path, scratch),
  },
  {
    name: 'summary',
    file: 'summary.json',
    seeds: (folder) => emptied(folder, () => applied(folder, 'summary.json')),
    mended: (input) => resealed(input, sealedSummary),
    words: [...KEYS, '"outputs"', '"path"', '"crc32"', '"inputs"', '"options"', '"warnings"', '"passes"'],
    read: async (path, scratch) => {
      const folder = dirname(path);
      const { damage } = await verify({ files: folder });
      writeFileSync(join(folder, 'density.json'), SMALL_DENSITY);
      try {
        await draw(folder, scratch);
      } finally {
        rmSync(join(folder, 'density.json'));
      }
      // the outputs are not there
      if (damage[0]?.path === path) throw inputError(damage[0].message);
    },
  },
];
