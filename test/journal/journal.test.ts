import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal, readJournal } from '../../src/journal/journal.ts';
import { folderOf } from '../sources/npy-files.ts';

const IDENTITY = { command: 'reweight', version: '1', options: { bins: 30 }, shards: 3, files: ['ab'] };
const HEADER = { identity: IDENTITY, started: 'noon', made: '/out' };

describe('a journal', () => {
  it('says what was written into it', async () => {
    const folder = folderOf();
    const journal = Journal.begin(folder, HEADER);
    await journal.append({ weighed: [[0, 1]] });
    await journal.append({ weighed: [[2, 4_294_967_295, 0]] });
    journal.close();
    const { size } = { size: readFileSync(join(folder, 'journal')).length };
    expect(readJournal(folder)).toEqual({
      header: { journal: 1, ...HEADER },
      weighed: [
        [0, 1],
        [2, 4_294_967_295, 0],
      ],
      finishing: false,
      bytes: size,
    });
  });

  it('is gone on with behind what is good of it', async () => {
    const folder = folderOf();
    const journal = Journal.begin(folder, HEADER);
    await journal.append({ weighed: [[0, 1]] });
    journal.close();
    const good = readJournal(folder)?.bytes ?? 0;
    writeFileSync(join(folder, 'journal'), 'torn', { flag: 'a' });
    expect(readJournal(folder)?.bytes).toBe(good);
    const next = Journal.goOn(folder, good);
    await next.append({ finishing: true });
    next.close();
    expect(readJournal(folder)).toMatchObject({ weighed: [[0, 1]], finishing: true });
  });

  it('that is not there says nothing', () => {
    expect(readJournal(folderOf())).toBeNull();
  });
});
