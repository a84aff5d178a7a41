import { usageError } from '../../errors.ts';
import type { RawOptions } from '../../options/fields.ts';
import { type JobsProgress, validateSubmit } from '../../options/submit-options.ts';
import { slurmReport } from '../../report/terminal/submit-report.ts';
import type { Command } from '../command.ts';
import type { FlagValues } from '../flag.ts';
import { parse } from '../parse.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';
import type { Session } from '../session.ts';
import { reweight, reweightOptions } from './reweight.ts';

const group = 'Jobs:';
const slurm = 'Slurm:';
const kubernetes = 'Kubernetes, with --print:';

/** A run in shards, on a scheduler. */
export const submit: Command = {
  name: 'submit',
  summary: 'run reweight in shards on Slurm, or print Jobs for Kubernetes',
  usage:
    '--engine slurm|kubernetes [options] -- (FILES.. | --logits FILES --labels FILES) --out DIR [options of reweight]',
  about:
    'Writes readable job scripts and submits them: an array that counts a shard a task, a job that merges, an array that weighs, a job that finishes, each after the one before it ended well. For Kubernetes it prints the Jobs that do so. The outputs are those of ghm reweight, byte for byte but for times. All machines have to see the files under the same paths.',
  flags: {
    engine: { kind: 'value', group, describe: 'required: slurm or kubernetes', choices: ['slurm', 'kubernetes'] },
    parts: { kind: 'value', group, describe: 'shards (default: one for each 4 GiB of input, at most 1000)' },
    cpus: { kind: 'value', group, describe: 'cores of each task that counts or weighs (default: --threads, else 1)' },
    'at-once': { kind: 'value', group, describe: 'tasks that may run at the same time' },
    jobs: {
      kind: 'value',
      group,
      describe: 'folder of scripts, logs and counts (default: that of --out with .jobs behind it)',
    },
    ghm: { kind: 'value', group, describe: 'what starts ghm in a job, as a shell reads it (default: this very ghm)' },
    print: { kind: 'switch', group, describe: 'show what would be submitted, and write nothing' },
    partition: { kind: 'value', group: slurm, describe: 'partition of the jobs' },
    account: { kind: 'value', group: slurm, describe: 'account of the jobs' },
    time: { kind: 'value', group: slurm, describe: 'time limit of each job, as sbatch reads it' },
    sbatch: { kind: 'list', group: slurm, describe: "more options of sbatch, with =: --sbatch='--mem=4G'" },
    wait: { kind: 'switch', group: slurm, describe: 'show progress until the jobs end, and end as they do' },
    resume: { kind: 'switch', group: slurm, describe: 'submit only what is missing of a run submitted before' },
    claim: { kind: 'value', group: kubernetes, describe: 'required: the PersistentVolumeClaim of the files' },
    mount: {
      kind: 'value',
      group: kubernetes,
      describe: 'where it is mounted; paths are relative to it (default /data)',
    },
    image: { kind: 'value', group: kubernetes, describe: 'image of the containers (default ghm-reweight:VERSION)' },
    'pod-memory': { kind: 'value', group: kubernetes, describe: 'memory of a pod (default 1Gi)' },
    ...jsonFlag,
    ...quietFlag,
  },
  takesWords: true,
  examples: [
    'ghm submit --engine slurm --parts 200 --partition cpu -- dumps --out weights',
    'ghm submit --engine slurm --parts 200 --print -- dumps --out weights',
    'ghm submit --engine slurm --resume --wait -- dumps --out weights',
    'ghm submit --engine kubernetes --print --parts 200 --claim data -- \\',
    '    dumps --out weights > ghm.yaml',
  ],
  async run(flags, session) {
    const raw = {
      engine: flags.text('engine'),
      parts: flags.number('parts'),
      cpus: flags.number('cpus'),
      atOnce: flags.number('at-once'),
      jobs: flags.text('jobs'),
      ghm: flags.text('ghm'),
      print: flags.on('print'),
      image: flags.text('image'),
      claim: flags.text('claim'),
      mount: flags.text('mount'),
      podMemory: flags.text('pod-memory'),
      partition: flags.text('partition'),
      account: flags.text('account'),
      time: flags.text('time'),
      sbatch: flags.list('sbatch'),
      wait: flags.on('wait'),
      resume: flags.on('resume'),
      run: runOf(flags),
      ...callbacks(session),
    };
    const options = validateSubmit(raw);
    const { submit } = await import('../../submit/submit.ts');
    const submission = await submit(options);
    if (submission.engine === 'slurm') await session.answer(submission, () => slurmReport(submission));
    else await session.print([`${submission.manifest.trimEnd()}\n`], submission);
  },
};

/** The run that stands behind `--`. */
function runOf(flags: FlagValues): RawOptions {
  const words = flags.words();
  if (words === undefined) {
    throw usageError(
      'submit: expected the run behind --, such as -- dumps --out weights; ghm reweight --help lists its options',
    );
  }
  const request = parse([reweight.name, ...words], [reweight]);
  if (request.help !== undefined)
    throw usageError('submit: --help stands before --; ghm reweight --help shows the options behind it');
  const given = request.flags;
  const foreign = FOREIGN.find((name) => given.on(name) || given.text(name) !== undefined);
  if (foreign !== undefined)
    throw usageError(`--${foreign}: is for ghm submit itself, or not at all: put it before --, or drop it`);
  const [engine, memory] = ['engine', 'memory'].map((name) => given.text(name));
  return { ...reweightOptions(given), engine, threads: given.number('threads'), memory };
}

/** Options of reweight that are no options of its run in shards. */
const FOREIGN = ['dry-run', 'json', 'quiet', 'resume', 'redis', 'queue', 'parts'];

const callbacks = ({ signal, onStep, onWarning }: Session): RawOptions => ({
  signal,
  onProgress: ({ step, done, total, elapsed }: JobsProgress) =>
    onStep({ label: step, done, total, elapsed, unit: 'tasks' }),
  onWarning,
});
