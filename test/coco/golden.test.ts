import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Outcome, outcomesOf } from './matching.ts';

const FOLDER = fileURLToPath(new URL('../files/coco/', import.meta.url));
const CASES = readdirSync(FOLDER).flatMap((name) => /^(.*)\.matches\.json$/.exec(name)?.[1] ?? []);

describe('matches are those of pycocotools', () => {
  it.each(CASES)('%s', async (name) => {
    const path = (what: string): string => `${FOLDER}${name}.${what}.json`;
    const expected: Outcome[] = JSON.parse(readFileSync(path('matches'), 'utf8'));
    const { annotations } = JSON.parse(readFileSync(path('instances'), 'utf8'));
    const ids = annotations.map(({ id }: { readonly id: number }) => id);
    const files = { results: path('results'), instances: path('instances'), ids };
    for (const buckets of [1, 7]) {
      expect(await outcomesOf(files, { iou: 0.5, maxDetections: 100 }, buckets)).toEqual(expected);
    }
  });
});
