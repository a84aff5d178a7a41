import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GhmError } from '../../src/errors.ts';
import { encodePartial } from '../../src/partial/partial-file.ts';
import { readPartial } from '../../src/partial/read.ts';
import { count16, count32, expectSameCounts } from './any-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-partial-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'p.json');

/** The error of reading this text as a partial, which must be one for the person at the terminal. */
async function failure(content: string | Uint8Array): Promise<GhmError> {
  writeFileSync(path, content);
  const error = await readPartial(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GhmError)) throw new Error(`not refused as bad data: ${String(error).slice(0, 300)}`);
  expect(error.exitCode).toBe(3);
  expect(error.message.startsWith(`${path}: `)).toBe(true);
  return error;
}

const counts = count32(2, { bits: [0, 0x8000_0001, 0x3f80_1234, 0xc000_0000, 0xc000_0001], codes: [0, 1, 0, 1, 2] });
const text = encodePartial(counts);
const document = JSON.parse(text);
delete document.sha256;

/** A partial with some fields replaced and a checksum that fits: someone made it, on purpose or by a defect. */
function made(fields: object): string {
  // in the order that partials have: the checksum is that of the text
  const { schema, task, softTargets, mu, ...rest } = { ...document, ...fields };
  const body = { schema, task, softTargets, mu, ...rest };
  return JSON.stringify({ ...body, sha256: createHash('sha256').update(JSON.stringify(body)).digest('hex') });
}

test('the partial itself is read', async () => {
  writeFileSync(path, made({}));
  expectSameCounts(await readPartial(path), counts);
  expect(made({})).toBe(text.trimEnd());
});

describe('any one character changed, removed or added', () => {
  const SUBSTITUTES = ['0', '9', '-', '.', 'e', ' ', '"', ',', '}', ']', 'x', '\\', '\n', '\0', 'é'];

  /** Either an error for the person, or the same counts as before. */
  const expectSafe = async (damaged: string) => {
    writeFileSync(path, damaged);
    try {
      const read = await readPartial(path);
      // -0 equals 0 wherever it is added
      expect(encodePartial(read), damaged).toBe(text);
    } catch (error) {
      if (!(error instanceof GhmError)) throw error;
      expect(error.exitCode).toBe(3);
    }
  };

  test('is an error, or changes nothing', async () => {
    for (let at = 0; at < text.length; at++) {
      await expectSafe(text.slice(0, at) + text.slice(at + 1));
      for (const [k, character] of SUBSTITUTES.entries()) {
        if ((at + k) % 5 === 0) await expectSafe(text.slice(0, at) + character + text.slice(at + 1));
        if ((at + k) % 7 === 0) await expectSafe(text.slice(0, at) + character + text.slice(at));
      }
    }
  });

  test('is found in every digit of a number and of the checksum', async () => {
    const checksumAt = text.indexOf('"sha256":"') + 10;
    for (let at = 0; at < text.length; at++) {
      if (!/\d/.test(text[at])) continue;
      const digit = String((Number(text[at]) + 1) % 10);
      const error = await failure(text.slice(0, at) + digit + text.slice(at + 1));
      if (at >= checksumAt) expect(error.message).toContain('damaged: its checksum is');
    }
  });

  test('a truncated partial is an error at every length', async () => {
    for (let length = 0; length < text.length - 2; length += 3) await failure(text.slice(0, length));
  });
});

/** A partial of soft targets with these sums of losses. */
const soft = (whole: number[]) => {
  const sums = { whole, rest: whole };
  return { softTargets: true, softLosses: { ce: sums, targetCe: sums, infinite: 0 } };
};

describe('a partial with a checksum that fits is refused when', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['its schema is of another version', { schema: 'ghm.partial/2' }, 'found schema "ghm.partial/2"'],
    ['its task is unknown', { task: 'segmentation' }, 'not a valid partial: task: '],
    ['a regression has no mu', { task: 'regression' }, 'mu: expected with the task regression, and with no other'],
    ['a classification has a mu', { mu: 0.02 }, 'mu: expected with the task regression, and with no other'],
    ['mu is below 0', { task: 'regression', mu: -1 }, 'not a valid partial: mu: '],
    [
      'a softmax has soft targets',
      { task: 'softmax', softTargets: true },
      'softTargets: expected with no task but classification',
    ],
    [
      'a distance has a label',
      { task: 'regression', mu: 1 },
      'no piece of a regression with mu 1 begins at 2147483649',
    ],
    ['soft targets have no losses', { softTargets: true }, 'softLosses: expected with soft targets, and with no other'],
    [
      'losses are more than the pieces',
      { ...soft([1, 2]), negatives: { from: [0], count: [4] }, positives: { from: [], count: [] } },
      '1 pieces but 2 sums of losses',
    ],
    [
      'a gradient norm is above 1',
      { ...soft([1]), negatives: { from: [0x4000_0000], count: [4] }, positives: { from: [], count: [] } },
      'no piece of a classification with soft targets begins at 1073741824',
    ],
    ['its cells are unknown', { cells: 'float64' }, 'not a valid partial: cells: '],
    ['bins are 0', { bins: 0 }, 'not a valid partial: bins: '],
    ['bins are above 10,000', { bins: 10_001 }, 'not a valid partial: bins: '],
    ['bins are a fraction', { bins: 2.5 }, 'not a valid partial: bins: '],
    ['bins are text', { bins: '2' }, 'not a valid partial: bins: '],
    ['bins are other than those counted', { bins: 3 }, 'no piece of 3 regions begins at 2147483649'],
    ['ignored is negative', { ignored: -1 }, 'not a valid partial: ignored: '],
    ['total is not the sum', { total: 5 }, 'says 5 samples, its pieces hold 4'],
    ['a list is missing', { negatives: { from: [0] } }, 'not a valid partial: negatives.count: '],
    ['negatives are null', { negatives: null }, 'not a valid partial: negatives: '],
    ['lists differ in length', { negatives: { from: [0, 65_536], count: [2] } }, '2 pieces but 1 counts'],
    ['a count is 0', { negatives: { from: [0, 65_536], count: [2, 0] } }, 'not a valid partial: negatives.count.1: '],
    ['a count is negative', { negatives: { from: [0], count: [-2] } }, 'not a valid partial: negatives.count.0: '],
    ['a count is a fraction', { negatives: { from: [0], count: [0.5] } }, 'not a valid partial: negatives.count.0: '],
    ['a count is above 2^53', { negatives: { from: [0], count: [2 ** 53] } }, 'not a valid partial: negatives.count.0'],
    [
      'the sum of counts is above 2^53',
      { total: 2 ** 53 - 1, negatives: { from: [0, 65_536], count: [2 ** 53 - 1, 4] } },
      'its pieces hold',
    ],
    ['pieces are out of order', { negatives: { from: [65_536, 0], count: [1, 1] } }, 'pieces out of order at 0'],
    ['a piece stands twice', { negatives: { from: [0, 0], count: [1, 1] } }, 'pieces out of order at 0'],
    [
      'a piece begins where none can',
      { negatives: { from: [0, 2], count: [1, 1] } },
      'no piece of 2 regions begins at 2',
    ],
    [
      'a piece begins at a fraction',
      { negatives: { from: [0.5], count: [2] } },
      'not a valid partial: negatives.from.0',
    ],
    ['a piece begins below 0', { negatives: { from: [-1], count: [2] } }, 'not a valid partial: negatives.from.0: '],
    [
      'a piece begins above 2^32',
      { negatives: { from: [2 ** 32], count: [2] } },
      'not a valid partial: negatives.from.0',
    ],
    ['a piece is a cell of NaN', { negatives: { from: [0x7f81_0000], count: [2] } }, 'no piece begins at 2139160576'],
    [
      'a piece is a cell of negative NaN',
      { negatives: { from: [0xffff_0000], count: [2] } },
      'no piece begins at 4294901760',
    ],
    [
      'a piece is the NaN beside infinity',
      { negatives: { from: [0x7f80_0001], count: [2] } },
      'no piece begins at 2139095041',
    ],
    [
      'a piece is the NaN beside -infinity',
      { negatives: { from: [0xff80_0001], count: [2] } },
      'no piece begins at 4286578689',
    ],
    [
      'a float16 cell is above 65,535',
      { cells: 'float16', positives: { from: [], count: [] }, negatives: { from: [65_536], count: [4] } },
      'no piece begins at 65536',
    ],
    [
      'a float16 cell is NaN',
      { cells: 'float16', positives: { from: [], count: [] }, negatives: { from: [0x7c01], count: [4] } },
      'no piece begins at 31745',
    ],
  ];

  test.each(cases)('%s', async (_, fields, message) => {
    expect((await failure(made(fields))).message).toContain(message);
  });
});

describe('what is no partial is refused', () => {
  const NO_COUNTERS = { at: [], samples: [], lossHigh: [], lossLow: [] };
  const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

  test.each([
    ['an empty file', '', 'is empty (0 bytes); expected a partial or a density.json'],
    ['text', 'logits', 'but it is not JSON'],
    ['a number', '5', 'found no "schema" field'],
    ['null', 'null', 'found no "schema" field'],
    ['a list', '[]', 'found no "schema" field'],
    ['a schema of null', '{"schema": null}', 'found schema that is no text'],
    ['an object of something else', '{"schema": 1}', 'found schema 1'],
    ['a schema in the prototype alone', '{"__proto__": {"schema": "ghm.partial/1"}}', 'found no "schema" field'],
    ['a schema that is a long text', `{"schema": "${'x'.repeat(1e5)}"}`, `found schema "${'x'.repeat(39)}`],
    ['a byte order mark', '\ufeff{}', 'but it is not JSON'],
    ['deep lists', deep(200_000, '[', ']'), 'found brackets nested more than 1000 deep'],
    [
      'deep objects for bins',
      made({}).replace('"bins":2', `"bins":${deep(100_000, '{"a":', '')}1${'}'.repeat(100_000)}`),
      'found brackets nested more than 1000 deep',
    ],
    [
      'a deep list for bins',
      made({}).replace('"bins":2', `"bins":${deep(900, '[', ']')}`),
      'not a valid partial: bins: ',
    ],
    [
      'groups that ask for more memory than there is',
      made({ bins: 10_000, groups: { column: 'c', values: [...Array(20_000).keys()], counters: NO_COUNTERS } }),
      '20000 batches or groups of 10000 regions have more than 134217728 counters, too many to be weighed; count with fewer --bins',
    ],
  ])('%s', async (_, content, message) => {
    expect((await failure(content)).message).toContain(message);
  });

  test('a schema that is a deep list', async () => {
    expect((await failure(`{"schema": ${deep(900, '[', ']')}}`)).message).toContain('found schema that is no text');
  });

  test('bytes that are not text', async () => {
    await failure(Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) & 0xff));
  });

  test('a file too large for any partial, unread', async () => {
    writeFileSync(path, '');
    truncateSync(path, 5 * 2 ** 30);
    const start = performance.now();
    const error = await readPartial(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      exitCode: 3,
      message: `${path}: expected a partial or a density.json, found 5368709120 bytes, too many for that`,
    });
    expect(performance.now() - start).toBeLessThan(1000);
    rmSync(path);
  });

  test('a folder, and nothing at all', async () => {
    await expect(readPartial(folder)).rejects.toMatchObject({ exitCode: 3 });
    await expect(readPartial(join(folder, 'none.json'))).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('keys', () => {
  test('of a partial may be given twice: the last counts, and the checksum is of that', async () => {
    await failure(text.replace('"bins":2', '"bins":2,"bins":3'));
    writeFileSync(path, text.replace('"bins":2', '"bins":3,"bins":2'));
    expect(encodePartial(await readPartial(path))).toBe(text);
  });

  test('named __proto__ or constructor change nothing', async () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      writeFileSync(path, text.replace('"bins":2', `"bins":2,"${key}":{"bins":3,"polluted":1}`));
      expect(encodePartial(await readPartial(path))).toBe(text);
      expect('polluted' in {}).toBe(false);
    }
  });
});

test('a partial of nothing, and one of float16, are read', async () => {
  for (const some of [count32(30, { bits: [], codes: [] }), count16(7, { bits: [0x3c00, 0xfc00], codes: [0, 1] })]) {
    writeFileSync(path, encodePartial(some));
    expectSameCounts(await readPartial(path), some);
  }
});
