import { dirname } from 'node:path';
import type { CellCounts } from '../../../src/density/cells.ts';
import { noCounts } from '../../../src/density/no-counts.ts';
import { LOGITS } from '../../../src/density/scale.ts';
import { inputError } from '../../../src/errors.ts';
import { readCounted } from '../../../src/journal/counted-file.ts';
import { difference } from '../../../src/journal/identity.ts';
import { readJournal } from '../../../src/journal/journal.ts';
import { lineOf } from '../../../src/journal/lines.ts';
import { ownershipOf } from '../../../src/journal/owner.ts';
import { ARRAYS_OF_A_PART } from '../../../src/memory/shard-board.ts';
import { encodePartial } from '../../../src/partial/partial-file.ts';
import { readRecord } from '../../../src/run/shard-record.ts';
import { sealOf } from '../../../src/sealed-json.ts';
import type { FuzzTarget } from '../target.ts';

const SHARDS = 3;
const IDENTITY = {
  command: 'reweight',
  version: '0.1.0',
  options: { bins: 30 },
  shards: SHARDS,
  files: ['00ff', 'ab'],
};
const JOURNAL = [
  { journal: 1, identity: IDENTITY, started: '2026-11-26T03:00:00.000Z', made: '/tmp/out' },
  {
    weighed: [
      [0, 1234, 5],
      [2, 7],
    ],
  },
  { weighed: [[1, 99]] },
  { finishing: true },
];
const COUNTED = {
  done: Buffer.of(1, 0, 1).toString('base64'),
  inputSums: Buffer.alloc(4 * ARRAYS_OF_A_PART * SHARDS).toString('base64'),
};
const OWNER = { host: 'a', machine: 'b', namespace: 'c', boot: 'd', pid: 1, startTime: '5', since: '2026' };
const RECORD = {
  ...{ schema: 'ghm.shard/1', index: 1, of: 2, plan: 'ab', weights: 'cd', started: '2026-11-26T03:00:00.000Z' },
  ...{ pass: { seconds: 1, samplesPerSecond: 2, bytes: 3 }, samples: 4, options: { bins: 30 } },
  pieces: [{ path: 'x.rows', output: 'x', firstRow: 0, endRow: 4, bytes: 16, crc32: '0000ffff' }],
};

const linesOf = (records: readonly object[]): Buffer =>
  Buffer.concat(records.map((record) => lineOf(JSON.stringify(record))));

/** With the seal that it should have. */
function sealed({ sha256: _, ...record }: object & { readonly sha256?: unknown }): Uint8Array[] {
  return [Buffer.from(JSON.stringify({ ...record, sha256: sealOf(record) }))];
}

function fewCounts(): CellCounts {
  const counts = noCounts({ kind: 'float32', scale: LOGITS, bins: 3 }, undefined);
  counts.cells[0].set([5, 7], 0xc000);
  return counts;
}

/** Both lines of the counts of a run with checksums, and the second with its seal. */
function withSeal(input: Uint8Array): Uint8Array[] {
  const [marks, counts] = linesIn(input);
  try {
    const { sha256: _, ...document } = JSON.parse(counts);
    return [Buffer.concat([lineOf(marks), lineOf(JSON.stringify({ ...document, sha256: sealOf(document) }))])];
  } catch {
    return [];
  }
}

/** The texts of lines, without their checksums. */
const linesIn = (input: Uint8Array): string[] =>
  Buffer.from(input)
    .toString()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' ') + 1));

/** Each line with the checksum that it should have. */
const withChecksums = (input: Uint8Array): Uint8Array[] => [Buffer.concat(linesIn(input).map(lineOf))];

const WORDS = ['"journal"', '"identity"', '"weighed"', '"finishing"', '"shards"', '"files"', '"done"', '[[0,1]]', '{}'];

/** What a run leaves for the next one, or for the other shards. */
export const STATE: readonly FuzzTarget[] = [
  {
    name: 'journal',
    file: 'journal',
    seeds: () => [linesOf(JOURNAL)],
    mended: withChecksums,
    words: WORDS,
    read: (path) => {
      const journal = readJournal(dirname(path));
      if (journal === null) throw inputError(`${path}: says nothing`);
      difference(journal.header.identity, IDENTITY, [{ name: 'a' }, { name: 'b' }]);
      // as a run looks up what is done
      for (const [shard, ...checksums] of journal.weighed) {
        if (shard >= journal.header.identity.shards || checksums.some((sum) => !Number.isSafeInteger(sum))) {
          throw new RangeError('no shard of the run');
        }
      }
    },
  },
  {
    name: 'counted',
    file: 'counted',
    seeds: () => [linesOf([COUNTED, JSON.parse(encodePartial(fewCounts()))])],
    mended: (input) => [...withChecksums(input), ...withSeal(input)],
    words: WORDS,
    read: async (path) => {
      if ((await readCounted(dirname(path), SHARDS, SHARDS)) === null) throw inputError(`${path}: says nothing`);
    },
  },
  {
    name: 'owner',
    file: 'owner-1',
    seeds: () => [Buffer.from(JSON.stringify(OWNER))],
    read: (path) => {
      if (ownershipOf(dirname(path)).is === 'dead') throw inputError(`${path}: of none that lives`);
    },
  },
  {
    name: 'shard',
    file: 'shard.json',
    seeds: () => sealed(RECORD),
    mended: (input) => {
      try {
        return sealed(JSON.parse(Buffer.from(input).toString()));
      } catch {
        return [];
      }
    },
    words: ['"pieces"', '"path"', '"output"', '"index"', '"plan"', '"crc32"'],
    read: (path) => readRecord(dirname(path)),
  },
];
