import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { windowDensity } from '../../src/density/window.ts';
import { readCountsOrDensity, readPartial } from '../../src/partial/read.ts';
import { count32 } from './any-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-density-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'density.json');

const counts = count32(3, { bits: [0, 0x4000_0000, 0xc000_0000], codes: [0, 0, 1] });
const density = unitRegionDensity(counts, { bins: 3, normalize: 'valid-bins', maxWeight: 5 });
/** Bits of -Infinity, where the first piece begins. */
const LOWEST = 0xff80_0000;
const piecesWith = (fields: object) => ({ from: [LOWEST, 0], beta: [1, 2], errorBound: [0, 0], ...fields });
const put = (fields: object) => writeFileSync(path, JSON.stringify({ ...density, ...fields }));

test('a density comes back as it was written, unknown fields kept', async () => {
  put({ note: 'mine' });
  expect(await readCountsOrDensity(path)).toEqual({
    kind: 'density',
    density: { ...density, note: 'mine' },
    file: expect.any(Object),
  });
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

const oneGroup = {
  ...{ column: 'class', values: [0], total: [3], ignored: [0], validBins: [3], counts: [[1, 1, 1]], beta: [[1, 1, 1]] },
  ...{ meanWeight: [1], loss: { ce: [1], ghmc: [1] } },
};
const oneBatch = {
  ...{ by: 'rows:3', momentum: 0.5, biasCorrection: false, count: 1, rows: [3], total: [3], validBins: [3] },
  ...{ meanWeight: [1], loss: { ce: [1], ghmc: [null] } },
};

test('a density of groups or batches comes back as it was written', async () => {
  put({ groups: oneGroup, batches: oneBatch });
  expect(await readCountsOrDensity(path)).toMatchObject({ density: { groups: oneGroup, batches: oneBatch } });
});

// found by fuzzing: the report drew what is not there
test.each([
  ['groups.values: expected as many of everything else', { groups: { ...oneGroup, meanWeight: [] } }],
  ['groups.values: expected as many of everything else', { groups: { ...oneGroup, loss: { ce: [1], ghmc: [] } } }],
  ['groups.beta: expected a weight and a count', { groups: { ...oneGroup, counts: [[1, 2]] } }],
  ['batches.rows: expected as many of everything else', { batches: { ...oneBatch, validBins: [] } }],
  ['groups or batches.loss: expected the mean losses', { batches: { ...oneBatch, loss: { ce: [1] } } }],
  ['groups or batches.loss: expected the mean losses', { groups: { ...oneGroup, loss: { ghmc: [1] } } }],
])('a density whose sets do not fit is refused: %s', async (message, fields) => {
  put(fields);
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(`${path}: not a valid density.json: ${message}`),
  });
});

test('a density whose brackets are nested deeper than a stack is refused', async () => {
  writeFileSync(path, `${JSON.stringify(density).slice(0, -1)},"note":${'['.repeat(1000)}${']'.repeat(1000)}}`);
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({
    exitCode: 3,
    message: `${path}: expected a partial or a density.json, found brackets nested more than 1000 deep`,
  });
  put({ note: '['.repeat(2000) });
  expect(await readCountsOrDensity(path)).toMatchObject({ kind: 'density' });
});

test('an infinite weight is refused', async () => {
  writeFileSync(path, JSON.stringify(density).replace(/"beta":\[[^,]*/, '"beta":[1e400'));
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({ exitCode: 3 });
});

const ofWindows = windowDensity(counts, { bins: 3, epsilon: 0.5, maxWeight: undefined });

test('a density of windows comes back as it was written', async () => {
  writeFileSync(path, JSON.stringify(ofWindows));
  expect(await readCountsOrDensity(path)).toEqual({
    kind: 'density',
    density: ofWindows,
    file: expect.any(Object),
  });
});

test.each([
  ['window: ', { method: 'unit-region', normalize: 'all-bins' }],
  ['normalize: ', { normalize: 'all-bins' }],
  ['window.epsilon: ', { window: { ...ofWindows.window, epsilon: 2.5 } }],
  ['window.pieces: from, beta and errorBound', { window: { ...ofWindows.window, pieces: piecesWith({ beta: [1] }) } }],
  ['window.pieces.from: ', { window: { ...ofWindows.window, pieces: piecesWith({ from: [0, 1], beta: [1, 1] }) } }],
  ['window.pieces.from: ', { window: { ...ofWindows.window, pieces: piecesWith({ from: [LOWEST, LOWEST] }) } }],
  ['window.g: ', { window: { ...ofWindows.window, g: [] } }],
])('a density of windows with a wrong %s is refused', async (message, fields) => {
  writeFileSync(path, JSON.stringify({ ...ofWindows, ...fields }));
  await expect(readCountsOrDensity(path)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(`${path}: not a valid density.json: ${message}`),
  });
});
