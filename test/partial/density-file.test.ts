import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { readCountsOrDensity, readPartial } from '../../src/partial/read.ts';
import { count32 } from './any-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-density-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'density.json');

const counts = count32(3, { bits: [0, 0x4000_0000, 0xc000_0000], codes: [0, 0, 1] });
const density = unitRegionDensity(counts, { bins: 3, normalize: 'valid-bins', maxWeight: 5 });
const put = (fields: object) => writeFileSync(path, JSON.stringify({ ...density, ...fields }));

test('a density comes back as it was written, unknown fields kept', async () => {
  put({ note: 'mine' });
  expect(await readCountsOrDensity(path)).toEqual({ kind: 'density', density: { ...density, note: 'mine' } });
});

test('a density where a partial is needed is refused', async () => {
  put({});
  await expect(readPartial(path)).rejects.toMatchObject({
    exitCode: 3,
    message: `${path}: expected a partial made by ghm histogram or ghm merge, found a density.json`,
  });
});

test.each([
  ['schema', { schema: 'ghm.density/2' }, 'found schema "ghm.density/2"'],
  ['bins', { bins: 4 }, 'edges: expected bins + 1 of them'],
  ['beta', { beta: [1, 1] }, 'beta: counts, gradientDensity and beta: expected one for each of the bins'],
  ['beta', { beta: [1, -1, 1] }, 'beta.1: '],
  ['beta', { beta: [1, null, 1] }, 'beta.1: '],
  ['counts', { counts: [1, 1.5, 1] }, 'counts.1: '],
  ['method', { method: 'windows' }, 'method: '],
  ['window', { method: 'window' }, 'window: expected with method window, and with no other'],
  ['normalize', { normalize: undefined }, 'normalize: expected with method unit-region, and with no other'],
  ['maxWeight', { maxWeight: 0 }, 'maxWeight: '],
  ['loss', { loss: {} }, 'loss: expected the mean losses of its task'],
])('a density with a wrong %s is refused: %j', async (_, fields, message) => {
  put(fields);
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(message),
  });
});

test('an infinite weight is refused', async () => {
  writeFileSync(path, JSON.stringify(density).replace(/"beta":\[[^,]*/, '"beta":[1e400'));
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({ exitCode: 3 });
});
