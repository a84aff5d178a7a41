import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type SubmitOptions, validateSubmit } from '../../src/options/submit-options.ts';
import { commandText, quoted } from '../../src/submit/shell-words.ts';
import { parseJob } from '../../src/submit/slurm/client.ts';
import { arrayText, jobScripts } from '../../src/submit/slurm/scripts.ts';

const RUN = { logits: 'd/*.x.npy', labels: 'd/*.y.npy', out: 'weights' };

const scriptsOf = (options: Partial<SubmitOptions>) =>
  jobScripts(validateSubmit({ engine: 'slurm', run: RUN, ...options }), 7, '/home/me', 'ghm');

/** The words that a shell makes of the last command of a script. */
function wordsOf(text: string): string[] {
  const command = text.slice(text.indexOf('exec ')).replace('exec ghm', 'printf "%s\\0"');
  const said = execFileSync('sh', ['-c', command], {
    env: { SLURM_ARRAY_TASK_ID: '3', PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  return said.split('\0').slice(0, -1);
}

describe('the scripts of Slurm', () => {
  it('are readable, and say n', () => {
    const [count, merge, weigh, finish] = scriptsOf({
      cpus: 2,
      partition: 'cpu',
      time: '1:00:00',
      sbatch: ['--mem=4G'],
    });
    expect(count).toEqual({
      step: 'count',
      file: 'weights.jobs/count.sh',
      isArray: true,
      text: `#!/bin/bash
#SBATCH --job-name=ghm-count
#SBATCH --output=weights.jobs/logs/count-%a.log
#SBATCH --array=1-7
#SBATCH --cpus-per-task=2
#SBATCH --partition=cpu
#SBATCH --time=1:00:00
#SBATCH --mem=4G
# Counts one of 7 shards of the stream.
# Safe to run again, also at once. Exit code 3: the data are bad, and trying again is of no use.
cd /home/me || exit 1
exec ghm histogram --logits 'd/*.x.npy' --labels 'd/*.y.npy' --shard "$SLURM_ARRAY_TASK_ID/7" --threads 2 \\
  --out "weights.jobs/counts/$SLURM_ARRAY_TASK_ID.ghm"
`,
    });
    expect(merge.text).toContain('\n#SBATCH --kill-on-invalid-dep=yes\n');
    expect(wordsOf(merge.text)).toEqual(['merge', 'weights.jobs/counts', '--out', 'weights.jobs/all.ghm', '--force']);
    expect(weigh.text).toContain('\n#SBATCH --array=1-7\n');
    expect(wordsOf(finish.text)).toEqual(['finish', 'weights']);
  });

  it('give each step the options that are its own', () => {
    const run = {
      files: ['a.npz', '-b.npz'],
      out: 'w',
      density: 'window',
      epsilon: 0.1,
      windowBits: 20,
      bins: 10,
      maxWeight: 5,
      meanOne: true,
      format: 'parquet',
      keep: ['id', 'anchor'],
      ignoreLabel: -2,
      threads: 4,
      engine: 'threads',
      memory: '64MiB',
      force: true,
    } as const;
    const [count, , weigh, finish] = scriptsOf({ run, jobs: 'j' });
    const stream = ['a.npz', './-b.npz', '--ignore-label', '-2'];
    const pool = ['--engine', 'threads', '--memory', '64MiB'];
    const shard = ['--shard', '3/7', '--threads', '4'];
    expect(wordsOf(count.text)).toEqual([
      'histogram',
      ...stream,
      '--density',
      'window',
      '--window-bits',
      '20',
      '--bins',
      '10',
      ...pool,
      ...shard,
      '--out',
      'j/counts/3.ghm',
    ]);
    const weighed = [
      '--method',
      'window',
      '--epsilon',
      '0.1',
      '--max-weight',
      '5',
      '--mean-one',
      '--format',
      'parquet',
    ];
    expect(wordsOf(weigh.text)).toEqual([
      'apply',
      ...stream,
      ...weighed,
      '--keep',
      'id,anchor',
      ...pool,
      '--density',
      'j/all.ghm',
      ...shard,
      '--out',
      'w',
      '--force',
    ]);
    expect(wordsOf(finish.text)).toEqual(['finish', 'w', '--force']);
  });

  it('pass on any name as it is', () => {
    const hostile = `it's "a" $HOME \`x\` \\ %a`;
    const run = {
      ...RUN,
      logits: hostile,
      out: hostile,
      batch: 'column:i',
      batchSize: 2,
      momentum: 0,
      columns: { i: ['b c', 'd'] },
    };
    const [count, merge] = scriptsOf({ run });
    expect(wordsOf(count.text)).toEqual([
      ...['histogram', '--logits', hostile, '--labels', 'd/*.y.npy', '--column', 'i=b c', 'd'],
      ...[
        '--batch',
        'column:i',
        '--batch-size',
        '2',
        '--shard',
        '3/7',
        '--threads',
        '1',
        '--out',
        `${hostile}.jobs/counts/3.ghm`,
      ],
    ]);
    expect(wordsOf(merge.text)[1]).toBe(`${hostile}.jobs/counts`);
    expect(count.text).toContain('%%a.jobs/logs/count-%a.log');
  });
});

describe('words for a shell', () => {
  it('are in quotes where they need them', () => {
    expect(['a.npy', 'a b', "it's", '*', ''].map(quoted)).toEqual(['a.npy', "'a b'", "'it'\\''s'", "'*'", "''"]);
  });

  it('break between flags, never before the value of one', () => {
    const words = ['apply', ...Array.from({ length: 6 }, (_, i) => [`--flag-${i}`, `value-${'x'.repeat(20)}`]).flat()];
    for (const line of commandText(words).split(' \\\n')) expect(line).toMatch(/^(apply| )( ?--flag-\d value-x+)+$/);
  });
});

it('numbers of tasks are told in ranges', () => {
  expect([arrayText([1, 2, 3, 7, 9, 10], undefined), arrayText([4], 2)]).toEqual(['1-3,7,9-10', '4%2']);
});

it('reads what Slurm says of an array: tasks that ended, and those that wait together', () => {
  const said = `JobId=5 ArrayJobId=4 ArrayTaskId=2 JobName=ghm-count JobState=FAILED Reason=NonZeroExitCode Dependency=(null) ExitCode=3:0 RunTime=00:00:01
JobId=6 ArrayJobId=4 ArrayTaskId=1 JobName=ghm-count JobState=RUNNING Reason=None ExitCode=0:0
JobId=4 ArrayJobId=4 ArrayTaskId=3-8 JobName=ghm-count JobState=PENDING Reason=Resources ExitCode=0:0
`;
  expect(parseJob(said)).toEqual({
    tasks: [
      { index: 2, state: 'FAILED', reason: 'NonZeroExitCode', exitCode: 3, signal: 0 },
      { index: 1, state: 'RUNNING', reason: 'None', exitCode: 0, signal: 0 },
    ],
    pending: true,
  });
});

it.each<[Partial<Record<keyof SubmitOptions, unknown>>, string]>([
  [{ engine: undefined }, '--engine: expected slurm or kubernetes, found nothing'],
  [{ parts: 0 }, '--parts: expected an integer from 1 to 100000, found 0'],
  [{ claim: 'c' }, '--claim is for --engine kubernetes: drop it'],
  [{ partition: 'a b' }, '--partition: expected one word without blanks and quotes, found "a b"'],
  [{ sbatch: '--array=1-3' }, '--sbatch --array=1-3: ghm says that itself; drop it'],
  [{ sbatch: 'qos' }, `--sbatch: expected an option, such as --sbatch='--qos=long', found "qos"`],
  [{ print: true, wait: true }, '--print submits nothing: drop it, or --wait'],
  [
    { run: { cocoResults: 'r.json', cocoAnnotations: 'a.json', out: 'w' } },
    '--coco-results: are matched as a whole, in one process: use ghm reweight, or give arrays to share the work',
  ],
  [
    { run: { ...RUN, logits: '-' } },
    '--logits -: jobs have no standard input and output in common; give files and a folder',
  ],
  [{ run: { ...RUN, out: '-' } }, '--out -: jobs have no standard input and output in common; give files and a folder'],
  [{ run: { ...RUN, resume: true } }, '--resume: is of the submission, not of its run: put it before --'],
  [{ run: { ...RUN, engine: 'bullmq' } }, '--engine: expected threads, tfjs or tfjs-node, found "bullmq"'],
  [{ run: { ...RUN, bins: 0 } }, '--bins: expected an integer from 1 to 10000, found 0'],
])('%j is refused', (options, message) => {
  expect(() => validateSubmit({ engine: 'slurm', run: RUN, ...options })).toThrow(
    expect.objectContaining({ exitCode: 2, message }),
  );
});
