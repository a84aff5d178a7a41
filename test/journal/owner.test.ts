import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Owner, ownershipOf, takeFolder } from '../../src/journal/owner.ts';
import { folderOf } from '../sources/npy-files.ts';

/** What this process writes of itself. */
function myself(): Owner {
  const folder = folderOf();
  takeFolder(folder, 'out');
  return JSON.parse(readFileSync(join(folder, 'owner-1'), 'utf8')) as Owner;
}

/** A folder that an owner has left. */
function ownedBy(owner: Partial<Owner>, number = 1): string {
  return folderOf({ [`owner-${number}`]: JSON.stringify({ ...myself(), ...owner }) });
}

/** A process that has ended. */
const ended = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('a folder', () => {
  it('that nobody has is taken, and given up again', () => {
    const folder = folderOf();
    const release = takeFolder(folder, 'out');
    expect([readdirSync(folder), ownershipOf(folder).is]).toEqual([['owner-1'], 'alive']);
    release();
    expect([readdirSync(folder), ownershipOf(folder).is]).toEqual([[], 'none']);
  });

  it('of a living process is refused', () => {
    const folder = folderOf();
    takeFolder(folder, 'out');
    const { since } = myself();
    expect(() => takeFolder(folder, 'out')).toThrow(
      expect.objectContaining({
        exitCode: 1,
        message: `out: another run writes there (process ${process.pid} on ${hostname()}, since ${since}); wait for it, or give another --out`,
      }),
    );
    expect(readdirSync(folder)).toEqual(['owner-1']);
  });

  it.each<[string, () => Partial<Owner>]>([
    ['of a process that has ended', () => ({ pid: ended() })],
    ['of another process of that number', () => ({ startTime: '1' })],
    ['of before the machine was started', () => ({ boot: 'another' })],
  ])('%s is taken', (_, owner) => {
    const folder = ownedBy(owner(), 7);
    expect(ownershipOf(folder).is).toBe('dead');
    takeFolder(folder, 'out');
    expect([readdirSync(folder), ownershipOf(folder).is]).toEqual([['owner-8'], 'alive']);
  });

  it.each(['', '{"pid":', 'null', '[]', '{"pid":"../self","startTime":5}'])(
    'whose owner is damaged is taken: %j',
    (text) => {
      const folder = folderOf({ 'owner-1': text });
      takeFolder(folder, 'out');
      expect(readdirSync(folder)).toEqual(['owner-2']);
    },
  );

  it.each<Partial<Owner>>([{ host: 'elsewhere' }, { machine: 'another' }, { namespace: 'pid:[1]' }])(
    'of a machine or container that cannot be seen into is refused, with what to do: %j',
    (owner) => {
      const folder = ownedBy({ pid: 12, since: 'noon', ...owner });
      expect(() => takeFolder(folder, 'out')).toThrow(
        expect.objectContaining({
          exitCode: 1,
          message:
            `out: a run on another machine writes there, or died there (process 12 on ${owner.host ?? hostname()}, since noon), ` +
            `which cannot be told from here; if it is gone, remove ${join(folder, 'owner-1')} and run again with --resume`,
        }),
      );
    },
  );

  it('is one process’s, of many that want it at once', () => {
    const folder = ownedBy({ pid: ended() });
    let taken = 0;
    for (let i = 0; i < 5; i++) {
      try {
        takeFolder(folder, 'out');
        taken++;
      } catch {
        // refused
      }
    }
    expect([taken, readdirSync(folder)]).toEqual([1, ['owner-2']]);
  });

  it('with other files in it is none the less free', () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'owner-x'), '');
    expect(ownershipOf(folder).is).toBe('none');
  });
});
