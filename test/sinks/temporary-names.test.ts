import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeOrphans, temporaryName } from '../../src/sinks/temporary-names.ts';
import { folderOf } from '../sources/npy-files.ts';

it('what a process that was killed has left is removed, and nothing else', async () => {
  const folder = folderOf();
  const mine = temporaryName();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const orphan = mine.replace(`-${process.pid}-`, `-${pid}-`);
  const kept = [mine, mine.replace(/^\.ghm-/, '.ghm-elsewhere'), `${orphan}x`, '.ghm-run', 'density.json'];
  for (const name of [...kept, orphan, `${orphan}-removed`]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), '');
  }
  await removeOrphans(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

it('no name is given twice', () => {
  expect(temporaryName()).not.toBe(temporaryName());
});
