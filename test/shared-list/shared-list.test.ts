import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemOf } from '../../src/shared-list/list.ts';
import { SharedList } from '../../src/shared-list/shared-list.ts';

/** Plain data as headers make it. */
const values = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.constantFrom(null, true, false, -0, 2 ** 40),
    fc.array(fc.integer(), { maxLength: 6 }),
    fc.constantFrom(Float64Array.of(1, Number.NaN), new Uint8Array(0)),
    tie('object'),
  ),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
}));

const part = (i: number) => ({
  path: `/d/x-${i}.npy`,
  shape: [i, 3],
  blocks: i % 2 === 0 ? null : [0, i],
  identity: { size: 10 * i, mtimeMs: i + 0.25 },
  weights: null,
});

describe('a shared list', () => {
  it('holds what was pushed', () => {
    fc.assert(
      fc.property(fc.array(values.object, { maxLength: 140 }), (items) => {
        const expected = items.map((item) => structuredClone(item));
        const list = SharedList.of(items);
        expect([...list]).toStrictEqual(expected);
        // as another thread reads it
        expect([...new SharedList(list.packed)]).toStrictEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it.each([0, 1, 63, 64, 65, 128, 1000])('of %i items has each at its place, and none beside', (length) => {
    const items = Array.from({ length }, (_, i) => part(i));
    const list = SharedList.of(items);
    expect(list.length).toBe(length);
    expect([...list]).toEqual(items);
    expect([...list.entries()]).toEqual([...items.entries()]);
    expect(list.map(({ path }, i) => `${i} ${path}`)).toEqual(items.map(({ path }, i) => `${i} ${path}`));
    expect(list.reduce((sum, { shape }) => sum + shape[0], 0)).toBe(
      items.reduce((sum, { shape }) => sum + shape[0], 0),
    );
    expect(list.some(({ shape }) => shape[0] === length - 1)).toBe(length > 0);
    expect(list.some(({ shape }) => shape[0] === length)).toBe(false);
    const read = new SharedList(list.packed);
    for (const i of [length - 1, 0, length >> 1]) expect([list.at(i), read.at(i)]).toEqual([items[i], items[i]]);
    expect(list.at(length)).toBeUndefined();
    expect(list.at(-1)).toBeUndefined();
    if (length > 0) expect(itemOf(list, length - 1)).toEqual(items[length - 1]);
    expect(() => itemOf(list, length)).toThrow(RangeError);
  });

  it('is made of a list once', () => {
    const list = SharedList.of([part(1)]);
    expect(SharedList.from(list)).toBe(list);
    expect([...SharedList.from([part(1)])]).toEqual([part(1)]);
  });

  it('takes a fraction of the room that items take apart', () => {
    const items = Array.from({ length: 1000 }, (_, i) => part(i));
    const { bytes } = SharedList.of(items).packed;
    expect(bytes.byteLength).toBeLessThan(60 * items.length);
  });

  it('leaves shared memory where it is, also beside items that have none', () => {
    const buffers = [new SharedArrayBuffer(8), new SharedArrayBuffer(8)];
    const items = [{ a: buffers[0] }, { a: buffers[1] }, { a: buffers[0] }, { b: { a: buffers[1] } }, { b: null }];
    for (const some of [items, items.slice(0, 3)]) {
      const list = SharedList.of<object>(some);
      for (const [i, item] of new SharedList<object>(list.packed).entries()) {
        expect(item).toEqual(some[i]);
        if ('a' in item) expect(item.a).toBe(some[i].a);
      }
      expect(list.packed.buffers).toEqual(buffers);
    }
  });

  it('is read by another thread without a copy of its bytes', async () => {
    const list = SharedList.of(Array.from({ length: 200 }, (_, i) => part(i)));
    const before = new Uint8Array(list.packed.bytes).slice();
    const worker = new Worker(
      "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(workerData.length);" +
        'new Uint8Array(workerData.bytes).fill(7);',
      { eval: true, workerData: list.packed },
    );
    const length = await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(length).toBe(200);
    expect(new Uint8Array(list.packed.bytes)).not.toEqual(before);
  });
});
