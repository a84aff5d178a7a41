import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { reweight, submit } from '../../src/index.ts';
import { hasRealData, REAL } from '../real-data.ts';
import { MAIN } from '../run/command.ts';
import { lastingOutputs } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { uniform } from '../run/random-parts.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runIn } from './run-in.ts';
import { hasSlurm, type SlurmCluster, startSlurm, until } from './slurm-cluster.ts';

describe.skipIf(hasSlurm || process.env.GHM_NEEDS_SLURM === '1')('Slurm', () => {
  it.skip('needs root and apt-get install slurmctld slurmd slurm-client munge', () => {});
});

describe.runIf(hasSlurm || process.env.GHM_NEEDS_SLURM === '1')('Slurm', () => {
  let slurm: SlurmCluster;
  beforeAll(async () => {
    slurm = await startSlurm();
  });
  afterAll(() => slurm?.stop());

  const ROWS = [900, 40, 2100];
  const OPTIONS = ['--logits', 'in/*.x.npy', '--labels', 'in/*.y.npy', '--bins', '20', '--max-weight', '40'];

  /** A few files of random samples, and what one reweight makes of them. */
  async function prepare() {
    const random = uniform(9);
    const files = ROWS.flatMap((rows, i) => {
      const logits = Float32Array.from({ length: rows * 3 }, () => 14 * random() - 10);
      const labels = Array.from({ length: rows }, () => Math.floor(4 * random()));
      return [
        [`in/${i}.x.npy`, npy('float32', [rows, 3], logits)],
        [`in/${i}.y.npy`, npy('int16', [rows], labels)],
      ] as const;
    });
    const folder = folderOf(Object.fromEntries(files));
    const at = (name: string): string => join(folder, name);
    const input = { logits: at('in/*.x.npy'), labels: at('in/*.y.npy'), bins: 20, maxWeight: 40 };
    await reweight({ ...input, out: at('whole') });
    const submitted = (options: readonly string[]) =>
      runIn(folder, slurm.env, 'submit', '--engine', 'slurm', ...options, '--', ...OPTIONS, '--out', 'weights');
    return { folder, at, submitted, whole: () => lastingOutputs(at('whole')) };
  }

  /** Starts ghm, but for the first time that shard 2 is counted: then it waits, and says who it is. */
  function hesitant(folder: string): string {
    const path = join(folder, 'hesitant.sh');
    const lines = [
      '#!/bin/bash',
      `if [[ "$*" == "histogram "*"--shard 2/"* && ! -e '${folder}/pid' ]]; then`,
      `  echo $$ > '${folder}/pid'`,
      '  exec sleep 600',
      'fi',
      `exec '${process.execPath}' '${MAIN}' "$@"`,
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('makes the bytes of one reweight', async () => {
    const { at, submitted, whole } = await prepare();
    const { exitCode, stdout, stderr } = await submitted(['--parts', '5', '--partition', 'short', '--wait']);
    expect([exitCode, stderr.split('\n').filter((line) => line.startsWith('ghm: '))]).toEqual([0, []]);
    expect(stdout).toMatch(/^jobs count \d+ \(5 tasks\), merge \d+, weigh \d+ \(5 tasks\), finish \d+: all done\n/);
    expect(lastingOutputs(at('weights'))).toEqual(whole());
    expect(readFileSync(at('weights.jobs/logs/count-3.log'), 'utf8')).toContain('holds shard 3 of 5');

    const again = await submitted(['--parts', '5']);
    expect([again.exitCode, again.stderr]).toEqual([
      2,
      'ghm: weights.jobs: a run was submitted from it before; add --resume to submit what is missing, or remove the folder and begin again\n',
    ]);
    const finished = await submitted(['--resume', '--wait']);
    expect([finished.exitCode, finished.stdout]).toEqual([0, 'weights is finished: nothing to submit\n']);
  });

  it('a task that is killed ends the run, and what is missing is submitted again', async () => {
    const { folder, at, submitted, whole } = await prepare();
    const ghm = hesitant(folder);
    const waiting = runIn(
      folder,
      slurm.env,
      'submit',
      '--engine',
      'slurm',
      '--parts',
      '4',
      '--ghm',
      ghm,
      '--wait',
      '--',
      ...OPTIONS,
      '--out',
      'weights',
    );
    await until(() => existsSync(at('pid')));
    await until(() => [1, 3, 4].every((i) => existsSync(at(`weights.jobs/counts/${i}.ghm`))));
    const early = await submitted(['--resume']);
    expect(early.exitCode).toBe(2);
    expect(early.stderr).toMatch(
      /^ghm: --resume: job \d+ \(count\) of the run is in the queue; wait for it, or end it with scancel \d+\n$/,
    );
    process.kill(Number(readFileSync(at('pid'), 'utf8')), 'SIGKILL');
    const { exitCode, stderr } = await waiting;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^ghm: count of shard 2: ended by signal 9 \(weights\.jobs\/logs\/count-2\.log.*\); submit what is missing with --resume$/m,
    );
    // what depends on it was ended, not left in the queue
    expect(slurm.run('squeue', '--noheader')).toBe('');
    expect(existsSync(at('weights'))).toBe(false);

    const resumed = await submitted(['--ghm', ghm, '--resume', '--wait']);
    expect(resumed.stdout).toMatch(/^jobs count \d+, merge \d+, weigh \d+ \(4 tasks\), finish \d+: all done\n/);
    expect(lastingOutputs(at('weights'))).toEqual(whole());
  });

  it('bad data end the run with exit code 3, and the log says where they are', async () => {
    const { at, submitted, whole } = await prepare();
    const good = readFileSync(at('in/2.y.npy'));
    const bad = Buffer.from(good);
    bad.writeInt16LE(77, good.length - 2);
    writeFileSync(at('in/2.y.npy'), bad);
    const { exitCode, stderr } = await submitted(['--parts', '3', '--wait']);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^ghm: count of shard 3: exit code 3 \(weights\.jobs\/logs\/count-3\.log: ghm: in\/2\.y\.npy: row 2099: .*\); exit code 3 is bad data: mend them, then submit what is missing with --resume$/m,
    );
    expect(slurm.run('squeue', '--noheader')).toBe('');
    writeFileSync(at('in/2.y.npy'), good);
    expect((await submitted(['--resume', '--wait'])).exitCode).toBe(0);
    expect(lastingOutputs(at('weights'))).toEqual(whole());
  });

  it('resumes after the weights of some shards were lost', async () => {
    const { folder, at, submitted, whole } = await prepare();
    await submitted(['--parts', '4', '--wait']);
    // as it was before the last step, but for one shard
    rmSync(at('weights'), { recursive: true });
    mkdirSync(at('weights'));
    for (const i of [1, 2, 4]) {
      const weigh = ['apply', ...OPTIONS.filter((word) => word !== '--bins' && word !== '20')];
      await runIn(folder, {}, ...weigh, '--density', 'weights.jobs/all.ghm', '--shard', `${i}/4`, '--out', 'weights');
    }
    const { stdout } = await submitted(['--resume', '--wait']);
    expect(stdout).toMatch(/^jobs weigh \d+, finish \d+: all done\n/);
    expect(lastingOutputs(at('weights'))).toEqual(whole());
  });

  it('who waits no longer leaves the jobs to go on', async () => {
    const { folder, at } = await prepare();
    vi.stubEnv('SLURM_CONF', slurm.env.SLURM_CONF);
    const run = { logits: at('in/*.x.npy'), labels: at('in/*.y.npy'), out: at('weights') };
    const options = { engine: 'slurm', parts: 2, ghm: hesitant(folder), wait: true, run } as const;
    const error = await submit({ ...options, signal: AbortSignal.timeout(3000) }).catch((reason) => reason);
    expect(error).toMatchObject({
      exitCode: 130,
      message: expect.stringMatching(
        /^interrupted: the jobs go on without being waited for; scancel \d+ \d+ \d+ \d+ ends them$/,
      ),
    });
    const ids = error.message.match(/\d+/g);
    expect(slurm.run('squeue', '--noheader', `--jobs=${ids.join(',')}`)).not.toBe('');
    slurm.run('scancel', ...ids);
    await until(() => slurm.run('squeue', '--noheader') === '');
  });

  it.runIf(hasRealData)('makes the bytes of one reweight of real detector outputs', async () => {
    const folder = folderOf();
    const at = (name: string): string => join(folder, name);
    const [logits, labels, labelWeights] = ['logits', 'labels', 'label_weights'].map((name) =>
      join(REAL, `images/*.${name}.npy`),
    );
    await reweight({ logits, labels, labelWeights, out: at('whole') });
    const files = ['--logits', logits, '--labels', labels, '--label-weights', labelWeights, '--out', 'weights'];
    const { exitCode } = await runIn(
      folder,
      slurm.env,
      'submit',
      '--engine',
      'slurm',
      '--parts',
      '5',
      '--wait',
      '--',
      ...files,
    );
    expect(exitCode).toBe(0);
    expect(lastingOutputs(at('weights'))).toEqual(lastingOutputs(at('whole')));
  });

  it('what sbatch refuses is said, and nothing is left in the queue', async () => {
    const { submitted } = await prepare();
    const { exitCode, stderr } = await submitted(['--parts', '3', '--partition', 'nowhere']);
    expect([exitCode, stderr]).toEqual([
      1,
      'ghm: sbatch: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified\n',
    ]);
    expect(slurm.run('squeue', '--noheader')).toBe('');
  });
});
