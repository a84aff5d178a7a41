import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineOf, linesOf } from '../../src/journal/lines.ts';

const RECORDS = [{ a: 1 }, [3, 'ü\n'], { weighed: [[1, 4_294_967_295]] }, null];
const FILE = Buffer.concat(RECORDS.map((record) => lineOf(JSON.stringify(record))));
const ENDS = RECORDS.map((_, i) =>
  RECORDS.slice(0, i + 1).reduce<number>((sum, record) => sum + lineOf(JSON.stringify(record)).length, 0),
);

it('records are read as they were written', () => {
  expect(linesOf(FILE)).toEqual({ records: RECORDS, bytes: FILE.length });
  expect(linesOf(new Uint8Array(0))).toEqual({ records: [], bytes: 0 });
});

it('a file that is torn at any byte has the records before it', () => {
  for (let length = 0; length < FILE.length; length++) {
    const whole = ENDS.filter((end) => end <= length).length;
    expect(linesOf(FILE.subarray(0, length))).toEqual({
      records: RECORDS.slice(0, whole),
      bytes: whole === 0 ? 0 : ENDS[whole - 1],
    });
  }
});

it('a byte that is another ends the records before it', () => {
  for (let at = 0; at < FILE.length; at++) {
    const damaged = Buffer.from(FILE);
    damaged[at] ^= 0x10;
    expect(linesOf(damaged).records).toEqual(RECORDS.slice(0, ENDS.filter((end) => end <= at).length));
  }
});

it('whatever follows is no record', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      expect(linesOf(Buffer.concat([FILE, garbage])).records.slice(0, RECORDS.length)).toEqual(RECORDS);
    }),
  );
});
