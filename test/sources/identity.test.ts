import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityFromStats, isSameFile } from '../../src/sources/identity.ts';
import { openNpy } from '../../src/sources/npy/open.ts';
import type { ArraySource } from '../../src/sources/source.ts';
import { folderOf, zeros } from './npy-files.ts';

const unchanged = ({ path, identity }: Pick<ArraySource, 'path' | 'identity'>) => isSameFile(statSync(path), identity);
const identityOf = (path: string) => identityFromStats(statSync(path));
const open = () => openNpy(join(folderOf({ 'x.npy': zeros('int8', 3) }), 'x.npy'), 'x.npy');

test('a source carries the identity of its file', () => {
  const source = open();
  expect(source.identity).toEqual(identityOf(source.path));
  expect(unchanged(source)).toBe(true);
});

test('another size', () => {
  const source = open();
  writeFileSync(source.path, zeros('int8', 4));
  expect(unchanged(source)).toBe(false);
});

test('another time', () => {
  const source = open();
  utimesSync(source.path, 1, 1);
  expect(unchanged(source)).toBe(false);
});

test('another file of the same size and time', () => {
  const source = open();
  const other = `${source.path}.new`;
  writeFileSync(other, zeros('int8', 3));
  const seconds = source.identity.mtimeMs / 1000;
  utimesSync(source.path, seconds, seconds);
  utimesSync(other, seconds, seconds);
  const before = { path: source.path, identity: identityOf(source.path) };
  renameSync(other, source.path);
  expect(identityOf(source.path)).toMatchObject({ size: before.identity.size, mtimeMs: before.identity.mtimeMs });
  expect(unchanged(before)).toBe(false);
});
