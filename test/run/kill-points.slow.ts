import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, startGhm } from './command.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';

/** Kills the process before call number N of those that change files, on the main thread; counts them where N is 0. */
const KILLER = `
'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (isMainThread) {
  const last = Number(process.env.GHM_TEST_LAST_CALL);
  const now = performance.now.bind(performance);
  performance.now = () => 40 * now();
  let calls = 0;
  const before = () => {
    if (++calls === last) process.kill(process.pid, 'SIGKILL');
  };
  const wrap = (object, name) => {
    const call = object[name];
    object[name] = (...args) => {
      before();
      return call.apply(object, args);
    };
  };
  const names = ['openSync', 'writeSync', 'mkdirSync', 'renameSync', 'linkSync', 'unlinkSync', 'ftruncateSync', 'rmdirSync'];
  for (const name of names) wrap(fs, name);
  for (const name of ['open', 'mkdir', 'rename', 'rm']) wrap(fs.promises, name);
  require('node:module').syncBuiltinESMExports();
  if (last === 0) process.on('exit', () => process.stderr.write('calls ' + calls));
}
`;

it('kill -9 between any two calls of the sinks: what has its name is whole, and --resume gives the same bytes', async () => {
  const { at, folder, options } = streamOf(3000);
  const script = join(folderOf({ 'killer.cjs': KILLER }), 'killer.cjs');
  const args = ['reweight', '--logits', options.logits, '--labels', options.labels, '--quiet', '--out'];
  const run = async (out: string, last: number, more: readonly string[] = []) => {
    vi.stubEnv('GHM_TEST_LAST_CALL', `${last}`);
    return startGhm([...args, out, ...more], folder, script).ended;
  };
  const { stderr } = await run(at('calm'), 0);
  const calls = Number(/calls (\d+)/.exec(stderr)?.[1]);
  expect(calls).toBeGreaterThan(20);
  const calm = lastingOutputs(at('calm'));
  let kills = 0;
  // a run is killed at one call, the one that goes on with it at the next
  for (let call = 1; call <= calls; call += 2) {
    const out = at(`out${call}`);
    for (const [last, more] of [
      [call, []],
      [call + 1, ['--resume']],
    ] as const) {
      const { exitCode } = await run(out, last, more);
      if (exitCode === null) kills++;
    }
    expect(await runGhm([...args, out, '--resume'], folder)).toMatchObject({ exitCode: 0 });
    expect(lastingOutputs(out)).toEqual(calm);
    expect(Object.keys(treeOf(out))).toEqual(Object.keys(treeOf(at('calm'))));
    rmSync(out, { recursive: true });
  }
  expect(kills).toBeGreaterThan(calls / 2);
});
