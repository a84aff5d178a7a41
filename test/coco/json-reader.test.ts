import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachElement } from '../../src/coco/json-array.ts';
import { END, JsonReader } from '../../src/coco/json-reader.ts';
import { GOES_ON, TOO_DEEP, ValueEnd } from '../../src/coco/json-value-end.ts';
import { folderOf } from '../sources/npy-files.ts';
import { noBreath } from './matching.ts';

describe('the end of a value', () => {
  it('is found wherever its bytes are cut', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', ',', ']', '}', '\n'), fc.nat(), fc.nat(), (text, after, a, b) => {
        const bytes = Buffer.from(text + after);
        const length = Buffer.byteLength(text);
        const cuts = [0, ...[a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y), bytes.length];
        const finder = new ValueEnd();
        const found = [0, 1, 2].map((i) => finder.find(bytes, cuts[i], cuts[i + 1])).find((end) => end !== GOES_ON);
        // a number or a word at the very end has no end of its own
        if (found === undefined) expect([after, finder.isWholeAtEnd]).toEqual(['', true]);
        else expect(found).toBe(length);
      }),
    );
  });

  it('is not looked for below a thousand brackets', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(new ValueEnd().find(nested(1000), 0, 2000)).toBe(2000);
    expect(new ValueEnd().find(nested(1001), 0, 2002)).toBe(TOO_DEEP);
  });
});

/** The elements of an array in a file, as texts, with where they begin. */
async function elementsOf(text: string) {
  const path = `${folderOf()}/a.json`;
  writeFileSync(path, text);
  const reader = new JsonReader(path, 'a.json');
  const elements: [string, number][] = [];
  try {
    reader.peek();
    const count = await eachElement(reader, 'entry', (bytes, _, at) => elements.push([bytes.toString(), at]), noBreath);
    expect(count).toBe(elements.length);
    expect(reader.peek()).toBe(END);
  } finally {
    reader.close();
  }
  return elements;
}

describe('the elements of an array', () => {
  it('are those that JSON.parse finds, with their bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.constantFrom('', ' ', '\n  ', '\t\r\n'), async (values, space) => {
        const text = `${space}[${space}${values.join(`${space},${space}`)}${space}]${space}`;
        const elements = await elementsOf(text);
        expect(elements.map(([element]) => element)).toEqual(values.map((value) => value));
        for (const [element, at] of elements) {
          expect(Buffer.from(text).toString('utf8', at, at + Buffer.byteLength(element))).toBe(element);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('may lie across and be longer than the pieces that a file is read in', async () => {
    const long = JSON.stringify({ text: 'ä"\\'.repeat(700_000) });
    const values = [...Array.from({ length: 40_000 }, (_, i) => JSON.stringify({ i, s: '}\\"{' })), long, '1', long];
    const elements = await elementsOf(`[${values.join(', ')}]`);
    expect(elements.map(([element]) => element)).toEqual(values);
  });

  it('are refused above 16 MiB, before they are read to the end', async () => {
    const text = `[{"text": "${'x'.repeat(2 ** 25)}"}]`;
    await expect(elementsOf(text)).rejects.toThrow(
      'a.json, entry 0 (byte 1): goes on for more than 16777216 bytes; expected one small object',
    );
  });
});
