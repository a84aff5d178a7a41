import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCounted } from '../../src/journal/counted-file.ts';
import { readJournal } from '../../src/journal/journal.ts';
import { lineOf } from '../../src/journal/lines.ts';
import { folderOf } from '../sources/npy-files.ts';

const identity = { command: 'reweight', version: '0.1.0', options: {}, shards: 2, files: [] };
const header = { journal: 1, identity, started: '2026-11-26T03:00:00.000Z' };

/** A file of lines with checksums that fit, as anyone can make them. */
function wrote(name: string, ...texts: string[]): string {
  const folder = folderOf();
  writeFileSync(join(folder, name), Buffer.concat(texts.map(lineOf)));
  return folder;
}
const journalOf = (...records: unknown[]) =>
  readJournal(wrote('journal', ...records.map((one) => JSON.stringify(one))));

it('a journal is read', () => {
  const weighed = [[0, 1, 2], [1]];
  expect(journalOf(header, { weighed }, { finishing: true })).toMatchObject({ header, weighed, finishing: true });
});

it.each([
  ['nothing in the header', [{}]],
  ['no identity', [{ ...header, identity: undefined }]],
  ['an identity that is a list', [{ ...header, identity: [] }]],
  ['files that are no texts', [{ ...header, identity: { ...identity, files: [1] } }]],
  ['a folder that is no text', [{ ...header, made: 5 }]],
  ['null for a record', [header, null]],
  ['a record of neither kind', [header, {}]],
  ['a shard that is no list', [header, { weighed: [5] }]],
  ['a shard without a number', [header, { weighed: [[]] }]],
  ['a shard that the run has not', [header, { weighed: [[2, 1]] }]],
  ['a checksum that is no count', [header, { weighed: [[0, -1]] }]],
])('a journal with %s says nothing', (_, records) => {
  expect(journalOf(...records)).toBeNull();
});

it('a journal of options nested without end says nothing', () => {
  const nested = '['.repeat(8000) + ']'.repeat(8000);
  const text = JSON.stringify(header).replace('"options":{}', `"options":{"bins":${nested}}`);
  expect(readJournal(wrote('journal', text))).toBeNull();
  const shallow = { ...identity, options: { bins: 30, batch: { rows: [1] } } };
  expect(journalOf({ ...header, identity: shallow })?.header.identity).toEqual(shallow);
});

it('a line that is no JSON ends a journal, whatever its checksum', () => {
  const folder = wrote('journal', JSON.stringify(header), '{"weighed": [[0', JSON.stringify({ finishing: true }));
  expect(readJournal(folder)).toMatchObject({ weighed: [], finishing: false });
});

it.each(['null', '5', '{}', '{"done":5,"inputSums":[]}', '{"done":"","inputSums":null}'])(
  'counts marked by %s are none',
  async (marks) => {
    expect(await readCounted(wrote('counted', marks, '{}'), 2, 2)).toBeNull();
  },
);
