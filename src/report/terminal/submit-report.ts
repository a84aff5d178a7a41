import type { SlurmSubmission } from '../../submit/slurm/submit.ts';
import { printable } from './printable.ts';

/** What is on the screen after `submit` to Slurm: its scripts, or what was submitted and how to look after it. */
export function slurmReport({ scripts, commands, jobs, out, jobsFolder, done }: SlurmSubmission): string[] {
  if (jobs.length === 0) {
    if (done) return [`${printable(out)} is finished: nothing to submit`];
    return [
      ...scripts.flatMap(({ file, text }) => [`# ${file}`, ...text.trimEnd().split('\n'), '']),
      `# and then, with the scripts in ${jobsFolder} and its folders counts and logs made:`,
      ...commands,
    ];
  }
  const ids = jobs.map(({ id }) => id);
  const list = jobs.map(({ step, id, tasks }) => `${step} ${id}${tasks > 1 ? ` (${tasks} tasks)` : ''}`).join(', ');
  if (done) return [`jobs ${list}: all done`, `the weights are in ${printable(out)}`];
  return [
    `submitted ${list}`,
    `watch:  squeue --jobs=${ids.join(',')}    logs: ${printable(jobsFolder)}/logs`,
    `cancel: scancel ${ids.join(' ')}`,
    'after a failure: the same command with --resume submits what is missing; --wait waits for the end',
  ];
}
