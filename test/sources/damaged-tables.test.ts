import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as arrow from 'apache-arrow';
import { expect, it } from 'vitest';
import { GhmError } from '../../src/errors.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { BLOCK_READERS } from '../../src/sources/row-reader.ts';
import { DTYPE_BYTES } from '../../src/sources/source.ts';
import { uniform } from '../run/random-parts.ts';
import { arrowOf } from './arrow-files.ts';
import { folderOf } from './npy-files.ts';
import { parquetOf } from './parquet-files.ts';

const ROWS = 5000;
const ROUNDS = 240;
const MOST_SECONDS = 5;
const MOST_MEMORY = 600 << 20;

/** Reads all of a file as a run would: `whole`, or the message it is refused with. Anything else that is thrown is a defect. */
async function readAll(path: string): Promise<string> {
  try {
    const container = await openFile({ path, name: 'x' });
    for (const key of container.keys) {
      const source = await container.open(key);
      const load = BLOCK_READERS[source.format];
      if (source.kind !== 'blocks' || load === undefined) throw new TypeError('not blocks');
      const open = await load();
      const [reader] = await open([source], source.rows);
      try {
        for (let row = 0; row < source.rows; row += 1000) {
          const rows = Math.min(1000, source.rows - row);
          await reader.prepare?.(row, rows);
          reader.read(row, new Uint8Array(rows * source.columns * DTYPE_BYTES[source.dtype]));
        }
      } finally {
        reader.close();
      }
    }
    return 'whole';
  } catch (error) {
    if (error instanceof GhmError && error.exitCode === 3) return error.message;
    throw error;
  }
}

const numbers = Array.from({ length: ROWS }, (_, i) => Math.round(20 * Math.sin(i)));
const labels = numbers.map((_, i) => (i % 3 === 0 ? null : i % 2));

const FILES = {
  parquet: () =>
    parquetOf(
      {
        logits: { type: 'FLOAT', values: numbers },
        labels: { type: 'TINYINT', values: labels },
        rows: { type: 'FLOAT[]', values: numbers.map((value) => [value, 1]) },
      },
      { rowGroupRows: 2048 },
    ),
  arrow: () => arrowOf(vectors(), 700),
  'arrow of LZ4': () => arrowOf(vectors(), 700, 'lz4'),
} as const;

const vectors = () => ({
  logits: arrow.makeVector(Float32Array.from(numbers)),
  labels: arrow.vectorFromArray(labels, new arrow.Int8()),
  rows: arrow.vectorFromArray(
    numbers.map((value) => [value, 1]),
    new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
  ),
});

it.each(Object.keys(FILES) as (keyof typeof FILES)[])(
  'damaged anywhere, a file of %s is read or refused with exit code 3, soon and in little memory',
  async (kind) => {
    const whole = await FILES[kind]();
    const path = join(folderOf(), 'x');
    writeFileSync(path, whole);
    expect(await readAll(path)).toBe('whole');

    const random = uniform(20_261_125);
    const below = (n: number) => Math.floor(random() * n);
    const footer = kind === 'parquet' ? whole.readUInt32LE(whole.length - 8) : whole.readInt32LE(whole.length - 10);
    const memory = process.memoryUsage().rss;
    const refusals = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const file = Buffer.from(whole);
      // a third each: bits of the footer, bits anywhere, an end that is missing
      const damage = round % 3;
      const flips = damage === 2 ? 0 : 1 + below(3);
      for (let i = 0; i < flips; i++) {
        const at = damage === 0 ? file.length - 10 - footer + below(footer + 6) : below(file.length);
        file[at] ^= 1 << below(8);
      }
      writeFileSync(path, damage === 2 ? file.subarray(0, 8 + below(file.length - 8)) : file);
      const start = performance.now();
      const outcome = await readAll(path);
      expect((performance.now() - start) / 1000, `round ${round}`).toBeLessThan(MOST_SECONDS);
      if (damage === 2) expect(outcome).not.toBe('whole');
      if (outcome !== 'whole') {
        expect(outcome).toMatch(/^x[:[]/);
        refusals.add(outcome);
      }
    }
    expect(refusals.size).toBeGreaterThan(10);
    expect(process.memoryUsage().rss - memory).toBeLessThan(MOST_MEMORY);
  },
  60_000,
);

it.each([
  [
    'a footer longer than the file',
    (file: Buffer) => file.writeInt32LE(0x7fff_ffff, file.length - 10),
    /expected a footer of 1 to \d+ bytes, found 2147483647$/,
  ],
  [
    'a negative footer',
    (file: Buffer) => file.writeInt32LE(-5, file.length - 10),
    /expected a footer of 1 to \d+ bytes, found -5$/,
  ],
  [
    'a footer of noughts',
    (file: Buffer) => file.fill(0, file.length - 10 - file.readInt32LE(file.length - 10), file.length - 10),
    /^x: damaged Arrow metadata: /,
  ],
])('an Arrow file with %s', async (_, damage, message) => {
  const file = arrowOf(vectors(), 700);
  damage(file);
  const path = join(folderOf(), 'x');
  writeFileSync(path, file);
  expect(await readAll(path)).toMatch(message);
});

it('refuses lists of an Arrow file that are longer than anything in it, which fuzzing found', async () => {
  const name = 'endless-lists.arrow';
  const { open } = await openFile({ path: fileURLToPath(new URL(`damaged/${name}`, import.meta.url)), name });
  await expect((async () => open('rows'))()).rejects.toMatchObject({
    exitCode: 3,
    message: `${name}[rows]: damaged: lists of 43980465111042 numbers; expected up to 100000 where they are compressed`,
  });
});

it('refuses more rows of an Arrow file than its compressed buffers could hold, which fuzzing found', async () => {
  const name = 'endless-rows.arrow';
  const { open } = await openFile({ path: fileURLToPath(new URL(`damaged/${name}`, import.meta.url)), name });
  await expect((async () => open('logit_1'))()).rejects.toMatchObject({
    exitCode: 3,
    message: `${name}[logit_1]: damaged: expected a buffer of 18014398509482024 bytes, found 48`,
  });
});
