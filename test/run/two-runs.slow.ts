import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { takeFolder } from '../../src/journal/owner.ts';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, startGhm } from './command.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs } from './folder-tree.ts';

const REFUSED = /: another run writes there \(process (\d+) on .+, since .+\); wait for it, or give another --out\n$/;

describe('processes that begin to write into one place at the same instant', () => {
  it.each([
    ['reweight', 'a folder that is not there', 4, []],
    ['reweight', 'a folder that a killed run has left', 4, ['--force']],
    ['histogram', 'a file', 2, []],
  ] as const)(
    '%s, %s: one goes on, the others are told whose it is (%d times)',
    async (command, _, times, flags) => {
      const { at, folder, options } = streamOf(2000);
      const args = [command, '--logits', options.logits, '--labels', options.labels, '--quiet', ...flags];
      const isFile = command === 'histogram';
      const calm = at(isFile ? 'calm.ghm' : 'calm');
      expect((await runGhm([...args, '--out', calm])).exitCode).toBe(0);
      // whoever goes on is still there when the others look
      const script = faultScript(`
      let waited = isMainThread;
      faults.read = (path) => {
        if (waited || !path.endsWith('x.npy')) return;
        waited = true;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      };`);
      for (let time = 0; time < times; time++) {
        const out = at(isFile ? `out-${time}.ghm` : `out-${time}`);
        if (flags.length > 0) leaveState(join(out, '.ghm-run'));
        const runs = [1, 2, 3].map(() => startGhm([...args, '--out', out], folder, script));
        const ends = await Promise.all(runs.map(async ({ ended, child }) => ({ ...(await ended), pid: child.pid })));
        const winners = ends.filter(({ exitCode }) => exitCode === 0);
        const said = ends.map(({ exitCode, stderr }) => `${exitCode}: ${stderr}`).join('');
        expect(winners.length, said).toBe(1);
        for (const { exitCode, stderr } of ends.filter((end) => end !== winners[0])) {
          expect([exitCode, REFUSED.exec(stderr)?.[1]], said).toEqual([1, String(winners[0].pid)]);
        }
        if (isFile) expect(readFileSync(out, 'utf8')).toBe(readFileSync(calm, 'utf8'));
        else expect(lastingOutputs(out)).toEqual(lastingOutputs(calm));
        expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
      }
    },
    300_000,
  );
});

/** What a killed run leaves, with much in it. */
function leaveState(state: string): void {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'journal'), 'torn');
  for (let i = 0; i < 200; i++) writeFileSync(join(state, `${i}.beta.npy`), 'x');
}

describe('a place with the lock of another process', () => {
  /** Runs where `owner` has the place, as the file of a process that sleeps says it but for `changes`. */
  async function runBeside(changes: (pid: number) => object, flags: readonly string[] = []) {
    const sleeper = spawn('sleep', ['60']);
    onTestFinished(() => {
      sleeper.kill('SIGKILL');
    });
    const { at, folder, options } = streamOf(2000);
    const state = at('out/.ghm-run');
    mkdirSync(state, { recursive: true });
    const mine = folderOf();
    takeFolder(mine, 'out');
    const owner = JSON.parse(readFileSync(join(mine, 'owner-1'), 'utf8'));
    writeFileSync(join(state, 'owner-1'), JSON.stringify({ ...owner, ...changes(sleeper.pid ?? 0) }));
    const args = ['reweight', '--logits', options.logits, '--labels', options.labels, '--out', at('out'), '--quiet'];
    const end = await runGhm([...args, ...flags], folder);
    return { at, state, end, pid: sleeper.pid };
  }

  const startTime = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19];

  it.each([[[]], [['--force']], [['--resume']]])('that lives: is refused %j', async (flags) => {
    const { at, end, pid } = await runBeside((alive) => ({ pid: alive, startTime: startTime(alive) }), flags);
    expect([end.exitCode, REFUSED.exec(end.stderr)?.[1]]).toEqual([1, String(pid)]);
    expect(readdirSync(at('out'))).toEqual(['.ghm-run']);
  });

  it('whose number another process has now: goes on', async () => {
    const { at, end } = await runBeside((alive) => ({ pid: alive, startTime: '1' }));
    expect([end.exitCode, end.stderr]).toEqual([0, '']);
    expect(readdirSync(at('out')).sort()).toEqual(['density.json', 'report.html', 'summary.json', 'x.beta.npy']);
  });

  it('that is dead: goes on', async () => {
    const { end } = await runBeside((alive) => {
      process.kill(alive, 'SIGKILL');
      return { pid: alive, startTime: startTime(alive) };
    });
    expect([end.exitCode, end.stderr]).toEqual([0, '']);
  });

  it('on another host: is refused, until the file that is named is removed', async () => {
    const { at, state, end } = await runBeside(() => ({ host: 'elsewhere', pid: 7, since: 'noon' }), ['--force']);
    const path = join(state, 'owner-1');
    expect([end.exitCode, end.stderr]).toEqual([
      1,
      `ghm: ${at('out')}: a run on another machine writes there, or died there (process 7 on elsewhere, since noon), which ` +
        `cannot be told from here; if it is gone, remove ${path} and run again with --resume\n`,
    ]);
    rmSync(path);
    const args = ['reweight', '--logits', at('x.npy'), '--labels', at('y.npy'), '--out', at('out'), '--quiet'];
    expect((await runGhm([...args, '--resume'])).exitCode).toBe(0);
    expect(hostname()).not.toBe('elsewhere');
  });
});
