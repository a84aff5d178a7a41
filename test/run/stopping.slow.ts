import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runGhm, startGhm } from './command.ts';
import { lastingOutputs } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

/** Files of logits; as many of labels and of groups. */
const FILES = 2000;

/**
 * Sends the process a signal at call number N of a function of fs, wherever that is, and tells how long it goes on, in
 * milliseconds, and how long it works in that time: a busy machine makes it wait. From then on the calls are slow: no run is at
 * its end before it could hear.
 */
const STOPPER = `
'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (isMainThread) {
  const [call, number, signal] = process.env.GHM_TEST_STOP.split(' ');
  let calls = 0;
  let asked;
  let worked;
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const stop = () => {
    if (asked !== undefined) Atomics.wait(nobody, 0, 0, 1);
    if (++calls !== Number(number)) return;
    asked = performance.now();
    worked = process.cpuUsage();
    process.kill(process.pid, signal);
  };
  const wrap = (object, name) => {
    const real = object[name];
    object[name] = Object.assign((...args) => {
      stop();
      return real.apply(object, args);
    }, real);
  };
  if (call === 'realpath') wrap(fs.realpathSync, 'native');
  else if (call === 'flush') wrap(fs.promises, 'open');
  else wrap(fs, call);
  require('node:module').syncBuiltinESMExports();
  process.on('exit', () => {
    if (asked === undefined) return;
    const { user, system } = process.cpuUsage(worked);
    fs.writeSync(2, 'stopped ' + (performance.now() - asked) + ' ' + (user + system) / 1000 + '\\n');
  });
}
`;

let place = '';
const at = (name: string): string => join(place, name);
const LOGITS = ['--logits', 'in/*.x.npy', '--labels', 'in/*.y.npy'];

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'ghm-stopping-'));
  const random = uniform(3);
  const logits = Float32Array.from({ length: 40 }, () => 10 * (random() - 0.8));
  writeFileSync(at('stopper.cjs'), STOPPER);
  writeFileSync(at('x'), npy('float32', [10, 4], logits));
  writeFileSync(at('y'), npy('uint8', [10], [4, 4, 4, 0, 4, 4, 1, 4, 4, 4]));
  writeFileSync(at('g'), npy('int32', [10], [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]));
  await runGhm(['histogram', '--logits', 'x', '--labels', 'y', '--out', 'one.ghm', '--quiet'], place);
  for (const folder of ['in', 'partials']) mkdirSync(at(folder));
  for (let i = 0; i < FILES; i++) {
    for (const name of ['x', 'y', 'g']) linkSync(at(name), at(`in/${i}.${name}.npy`));
    if (i < 1000) linkSync(at('one.ghm'), at(`partials/${i}.ghm`));
  }
  const runs = [
    ['histogram', ...LOGITS, '--out', 'all.ghm'],
    ['reweight', ...LOGITS, '--out', 'calm'],
    ['apply', ...LOGITS, '--density', 'all.ghm', '--out', 'sharded', '--shard', '1/2'],
    ['apply', ...LOGITS, '--density', 'all.ghm', '--out', 'sharded', '--shard', '2/2'],
  ];
  for (const args of runs) expect(await runGhm([...args, '--quiet'], place)).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Runs ghm until the call, and sees that it ends soon after. Returns what it says. */
async function stopped(call: string, number: number, args: readonly string[]): Promise<string> {
  const [signal, code] = number % 2 === 0 ? ['SIGINT', 130] : ['SIGTERM', 143];
  vi.stubEnv('GHM_TEST_STOP', [call, number, signal].join(' '));
  const { exitCode, stderr } = await startGhm([...args, '--quiet'], place, at('stopper.cjs')).ended;
  const lines = stderr.trimEnd().split('\n');
  const [word, took, worked] = (lines.pop() ?? '').split(' ');
  expect([exitCode, word]).toEqual([code, 'stopped']);
  expect(Number(worked)).toBeLessThan(1000);
  // flushes that have begun end first, and others may work on the machine
  expect(Number(took)).toBeLessThan(4000);
  return lines.join('\n');
}

const GO_ON = 'ghm: interrupted; the same command with --resume goes on from there';
const NOTHING = 'ghm: interrupted: nothing was written';

describe('a signal ends a run over thousands of files within a second', () => {
  const reweight = ['reweight', ...LOGITS, '--out', 'out'];

  it.each([
    ['looked for', 'realpath', FILES],
    ['opened', 'openSync', FILES],
    ['compared with the outputs', 'lstatSync', 3 * FILES],
  ])('while they are %s', async (_, call, number) => {
    expect(await stopped(call, number, reweight)).toBe(NOTHING);
    expect(existsSync(at('out'))).toBe(false);
  });

  it.each([
    ['made', 'writeSync', FILES / 2],
    ['flushed', 'flush', FILES / 2 + 1],
    ['given their names', 'renameSync', FILES / 2],
  ])('while outputs are %s; --resume goes on', async (_, call, number) => {
    const said = await stopped(call, number, reweight);
    // nothing is worth keeping of less than a second
    expect([NOTHING, GO_ON]).toContain(said);
    expect(existsSync(at('out'))).toBe(said === GO_ON);
    if (call === 'renameSync') expect(said).toBe(GO_ON);
    expect(await runGhm([...reweight, '--resume', '--quiet'], place)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
    rmSync(at('out'), { recursive: true });
  });

  it('of a column', async () => {
    const args = [...reweight, '--group', 'image', '--column', 'image=in/*.g.npy'];
    // each file of each array, then the column again, to be read
    expect(await stopped('openSync', 3 * FILES + FILES / 2, args)).toBe(NOTHING);
  });

  it.each([
    ['histogram', ['histogram', ...LOGITS, '--out', 'part.ghm'], FILES],
    ['apply', ['apply', ...LOGITS, '--density', 'all.ghm', '--out', 'out'], FILES],
    ['outliers', ['outliers', ...LOGITS], FILES],
    ['outliers that reads what it found again', ['outliers', ...LOGITS, '--top', '1000000'], 3 * FILES],
    ['finish', ['finish', 'sharded'], FILES],
  ])('of %s', async (_, args, number) => {
    const before = readdirSync(place);
    expect(await stopped('openSync', number, args)).toBe(NOTHING);
    expect(readdirSync(place)).toEqual(before);
  });

  it('of inspect', async () => {
    vi.stubEnv('GHM_TEST_STOP', `openSync ${FILES} SIGTERM`);
    const { exitCode, stderr } = await startGhm(['inspect', 'in'], place, at('stopper.cjs')).ended;
    expect([exitCode, stderr.split('\n')[0]]).toEqual([143, NOTHING]);
  });

  it('of merge', async () => {
    expect(await stopped('statSync', 700, ['merge', 'partials', '--out', 'merged.ghm'])).toBe(NOTHING);
    expect(existsSync(at('merged.ghm'))).toBe(false);
  });

  it('of generate', async () => {
    const args = ['generate', '--samples', '300000', '--part-samples', '100', '--out', 'made'];
    expect(await stopped('writeFileSync', 2001, args)).toBe(NOTHING);
    expect(existsSync(at('made'))).toBe(false);
  });
});

it('finish that is stopped while outputs get their names is gone on with by the same command', async () => {
  const said = await stopped('renameSync', FILES / 2, ['finish', 'sharded']);
  expect(said).toBe('ghm: interrupted; the same command goes on from there');
  expect(readdirSync(at('sharded')).length).toBeGreaterThan(FILES / 4);
  expect(await runGhm(['finish', 'sharded', '--quiet'], place)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(lastingOutputs(at('sharded'))).toEqual(lastingOutputs(at('calm')));
});

/** Sends a signal half a second after the first file is closed, and tells when. */
const LATE_STOPPER = `
'use strict';
const fs = require('node:fs');
const { closeSync } = fs;
let began = false;
fs.closeSync = (fd) => {
  closeSync(fd);
  if (began) return;
  began = true;
  setTimeout(() => {
    fs.writeSync(2, 'asked ' + Date.now() + '\\n');
    process.kill(process.pid, 'SIGTERM');
  }, 500);
};
require('node:module').syncBuiltinESMExports();
`;

it('a run is ended by the signal within a second where the form of a file is looked for by what hears none', async () => {
  writeFileSync(at('late-stopper.cjs'), LATE_STOPPER);
  const columns = Array.from({ length: 2000 }, (_, i) => i);
  const numbers = columns.map((i) => (i / 7).toFixed(5)).join(',');
  writeFileSync(at('wide.csv'), `${columns.map((i) => `'c${i}'`).join(',')}\n${`${numbers}\n`.repeat(3000)}`);
  const args = ['reweight', 'wide.csv', '--logits-key', 'c1', '--labels-key', 'c0', '--out', 'of-text'];
  const { exitCode, stderr } = await startGhm(args, place, at('late-stopper.cjs')).ended;
  const took = Date.now() - Number(/asked (\d+)/.exec(stderr)?.[1]);
  // a shell shows it as 143
  expect([exitCode, stderr.split('\n').at(-2)]).toEqual([null, NOTHING]);
  expect(took).toBeLessThan(1500);
  expect(existsSync(at('of-text'))).toBe(false);
});
