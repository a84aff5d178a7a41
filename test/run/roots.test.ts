import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Roots } from '../../src/run/roots.ts';
import { folderOf } from '../sources/npy-files.ts';

/** A root with links in it, and how paths are judged from there. */
function place() {
  const folder = folderOf({ 'root/a/x.npy': 'x', 'root-2/x.npy': 'x', 'out/x.npy': 'x' });
  const at = (name: string): string => `${folder}/${name}`;
  symlinkSync(at('out'), at('root/away'));
  symlinkSync(at('nowhere'), at('root/dangling'));
  symlinkSync(at('root/a'), at('root/inside'));
  symlinkSync(at('root'), at('linked-root'));
  mkdirSync(at('root/..here'));
  const roots = new Roots([at('linked-root')]);
  const refusal = (path: string): string => {
    try {
      roots.check(path);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return { at, refusal };
}

it('what lies inside a root, links resolved, is let be, whether it is there or not', () => {
  const { at, refusal } = place();
  const paths = [
    'root',
    'root/a/x.npy',
    'root/new/deeper/y.npy',
    'root/inside/x.npy',
    'linked-root/a',
    'root/..here/x',
  ];
  for (const path of paths) expect(refusal(at(path))).toBe('');
});

it('what lies or leads outside is refused', () => {
  const { at, refusal } = place();
  const say = 'ghm worker --root says where jobs may read and write';
  const lies = `lies outside the roots of this worker (${at('root')}); ${say}`;
  for (const path of ['/', at('out/x.npy'), at('root-2'), join(at('root'), '../out')]) {
    expect(refusal(path)).toBe(`${path}: ${lies}`);
  }
  for (const name of ['x.npy', 'new/y.npy']) {
    const path = at(`root/away/${name}`);
    expect(refusal(path)).toBe(`${path}: leads to ${at(`out/${name}`)}, which ${lies}`);
  }
  expect(refusal(at('root/dangling'))).toContain(`${at('root/dangling')}: cannot be resolved (ENOENT`);
  expect(refusal(at('root/../out/x.npy'))).toContain(lies);
  expect(refusal('x.npy')).toBe(`x.npy: is no absolute path; ${say}`);
  expect(() => new Roots([at('missing')])).toThrow(
    `--root ${at('missing')}: is no folder; expected one that jobs may read from and write to`,
  );
});
