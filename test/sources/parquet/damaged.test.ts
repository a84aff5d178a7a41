import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GhmError } from '../../../src/errors.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { openParquetRows } from '../../../src/sources/parquet/read.ts';
import { DTYPE_BYTES } from '../../../src/sources/source.ts';
import { uniform } from '../../run/random-parts.ts';
import { folderOf } from '../npy-files.ts';
import { parquetOf } from '../parquet-files.ts';

const ROWS = 5000;
const MOST_SECONDS = 5;

/** Reads all of a file as a run would: `whole`, or the message it is refused with. Anything else that is thrown is a defect. */
async function readAll(path: string): Promise<string> {
  try {
    const container = await openFile({ path, name: 'x.parquet' });
    for (const key of container.keys) {
      const source = await container.open(key);
      if (source.kind !== 'blocks') throw new TypeError('not blocks');
      const reader = await openParquetRows(source);
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

it('damaged anywhere, a Parquet file is read or refused, soon and with exit code 3', async () => {
  const logits = Array.from({ length: ROWS }, (_, i) => Math.sin(i));
  const whole = await parquetOf(
    {
      logits: { type: 'FLOAT', values: logits },
      labels: { type: 'TINYINT', values: logits.map((_, i) => (i % 3 === 0 ? null : i % 2)) },
      rows: { type: 'FLOAT[]', values: logits.map((value) => [value, 1]) },
    },
    { rowGroupRows: 2048 },
  );
  const path = join(folderOf(), 'x.parquet');
  writeFileSync(path, whole);
  expect(await readAll(path)).toBe('whole');

  const random = uniform(20_261_125);
  const footer = whole.readUInt32LE(whole.length - 8);
  const below = (n: number) => Math.floor(random() * n);
  const seen = new Map<string, number>();
  for (let round = 0; round < 240; round++) {
    const file = Buffer.from(whole);
    // a third each: bits of the footer, bits anywhere, an end that is missing
    const kind = round % 3;
    const flips = kind === 2 ? 0 : 1 + below(3);
    for (let i = 0; i < flips; i++) {
      const at = kind === 0 ? file.length - 8 - footer + below(footer + 4) : below(file.length);
      file[at] ^= 1 << below(8);
    }
    writeFileSync(path, kind === 2 ? file.subarray(0, 4 + below(file.length - 4)) : file);
    const start = performance.now();
    const outcome = await readAll(path);
    expect((performance.now() - start) / 1000, `round ${round}`).toBeLessThan(MOST_SECONDS);
    const start3 = outcome.slice(0, 30);
    seen.set(start3, (seen.get(start3) ?? 0) + 1);
    if (kind === 2) expect(outcome).toMatch(/^x\.parquet: cannot be read as Parquet: .*\. Is it whole\?$/);
    else if (outcome !== 'whole') expect(outcome).toMatch(/^x\.parquet/);
  }
  expect(seen.size).toBeGreaterThan(1);
}, 60_000);
