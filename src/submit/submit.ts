import { type SubmitOptions, validateSubmit } from '../options/submit-options.ts';
import type { KubernetesSubmission } from './kubernetes/print.ts';
import type { SlurmSubmission } from './slurm/submit.ts';

export type Submission = SlurmSubmission | KubernetesSubmission;

/**
 * Runs `reweight` in shards on a scheduler that is there: jobs that count, one that merges, jobs that weigh, one that
 * finishes. Nothing of a scheduler is here: it is told what depends on what.
 *
 * @throws GhmError with the exit code the command line would end with; with `wait`, that of the jobs
 */
export async function submit(rawOptions: SubmitOptions): Promise<Submission> {
  const options = validateSubmit(rawOptions);
  if (options.engine === 'kubernetes') {
    const { printForKubernetes } = await import('./kubernetes/print.ts');
    // validated: there it has to be given
    return printForKubernetes(options, options.parts ?? 1);
  }
  const { submitToSlurm } = await import('./slurm/submit.ts');
  return submitToSlurm(options);
}
