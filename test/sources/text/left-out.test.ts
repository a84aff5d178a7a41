import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/index.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import { folderOf } from '../npy-files.ts';

const fileOf = (content: string) => {
  const path = join(folderOf({ 'x.jsonl': content }), 'x.jsonl');
  return { path, name: 'x.jsonl' };
};
const list = (length: number): string => `{"a":[${Array(length).fill(1).join(',')}]}\n`;

// what is left out takes no byte in the file, and its place in memory
describe('JSON Lines that leave numbers out', () => {
  it('are read where the text explains what they take', async () => {
    const container = await openFile(fileOf('{"a":[1,2]}\n{"a":null}\n{}\n'));
    expect((await container.open('a')).shape).toEqual([3, 2]);
  });

  it('are refused where rows without a list would take far more memory than the file', async () => {
    const { path } = fileOf(list(50_000) + '{}\n'.repeat(50_000));
    await expect(inspect(path)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /x\.jsonl\[a\]: 50001 rows of 50000 numbers in \d+ bytes of text: nearly all are left out; expected \d+ numbers at most/,
      ),
    });
  });

  it('are refused where each row has a column of its own', async () => {
    const lines = Array.from({ length: 1500 }, (_, row) => `{"c${row}":1}\n`).join('');
    await expect(openFile(fileOf(lines))).rejects.toThrow(
      'x.jsonl: 1500 rows of 1500 numbers in 16890 bytes of text: nearly all are left out; expected 1318816 numbers at most',
    );
  });
});
