import { describe, expect, it } from 'vitest';
import { firstSegments, ShardBoard } from '../../src/memory/shard-board.ts';

/** A board of five shards for two slots, with a pass begun. */
function board(done: Uint8Array | null = null): ShardBoard {
  const made = ShardBoard.create(5, 7, 2);
  made.startPass(done);
  return made;
}

const claims = (of: ShardBoard, slot: number): (number | undefined)[] => {
  const all: (number | undefined)[] = [];
  for (let shard = of.claim(slot); shard !== undefined; shard = of.claim(slot)) all.push(shard);
  return all;
};

describe('shards', () => {
  it('are given out once and in order, to whoever asks', () => {
    const mine = board();
    const theirs = new ShardBoard(mine.buffer, 5, 7, 2);
    expect([mine.claim(0), theirs.claim(1), mine.claim(0), theirs.claim(0)]).toEqual([0, 1, 2, 3]);
    expect([theirs.claim(1), mine.claim(0), theirs.claim(1)]).toEqual([4, undefined, undefined]);
    mine.startPass(null);
    expect(claims(theirs, 1)).toEqual([0, 1, 2, 3, 4]);
  });

  it('that an earlier run has done are not given out', () => {
    const some = board(Uint8Array.of(0, 1, 1, 0, 1));
    expect([...some.done()]).toEqual([0, 1, 1, 0, 1]);
    expect(claims(some, 0)).toEqual([0, 3]);
  });

  it('are done when they are finished', () => {
    const some = board();
    some.claim(0);
    some.claim(1);
    some.finish(1, 1);
    expect([...some.done()]).toEqual([0, 1, 0, 0, 0]);
  });

  it('of a dead worker are given out again, and what it did where that died too', () => {
    const some = board();
    for (const slot of [0, 1, 0]) some.claim(slot);
    some.finish(0, 0);
    expect([some.takenBy(0), some.takenBy(1)]).toEqual([2, 1]);
    some.reopen(0, false);
    expect([some.takenBy(0), [...some.done()]]).toEqual([undefined, [1, 0, 0, 0, 0]]);
    expect(claims(some, 0)).toEqual([2, 3, 4]);
    some.reopen(0, true);
    expect([...some.done()]).toEqual([0, 0, 0, 0, 0]);
    expect(claims(some, 0)).toEqual([0, 2, 3, 4]);
  });

  it('that are done can all be given back, but those of an earlier run and those under way', () => {
    const some = board(Uint8Array.of(1, 0, 0, 0, 0));
    for (const slot of [0, 1]) some.claim(slot);
    some.finish(0, 1);
    some.reopenDone();
    expect(claims(some, 0)).toEqual([1, 3, 4]);
  });
});

describe('totals', () => {
  it('are not changed while the main thread reads them', () => {
    const some = board();
    const shard = some.claim(1) ?? -1;
    some.beginCommit(1);
    expect(some.holdCommits()).toBe(false);
    some.endCommit(1, shard);
    expect([some.holdCommits(), [...some.done()]]).toEqual([true, [1, 0, 0, 0, 0]]);
    some.releaseCommits();
    some.beginCommit(0);
  });

  it('of a worker that died while it changed them are known to be worthless', () => {
    const some = board();
    some.claim(0);
    expect(some.diedCommitting(0)).toBe(false);
    some.beginCommit(0);
    expect([some.diedCommitting(0), some.diedCommitting(1)]).toEqual([true, false]);
    some.reopen(0, true);
    expect([some.diedCommitting(0), some.holdCommits()]).toEqual([false, true]);
  });
});

it('what is found of segments has its own words', () => {
  const some = board();
  some.checksums.fill(0xffff_ffff);
  some.inputSums.fill(0xffff_ffff);
  expect([some.checksums.length, some.inputSums.length, ...claims(some, 0)]).toEqual([7, 28, 0, 1, 2, 3, 4]);
});

it('segments are numbered through all shards', () => {
  const segment = { part: 0, firstRow: 0, rows: 1 };
  expect([...firstSegments([{ segments: [segment, segment] }, { segments: [segment] }])]).toEqual([0, 2, 3]);
  expect([...firstSegments([])]).toEqual([0]);
});
