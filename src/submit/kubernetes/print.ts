import { stringify } from 'yaml';
import type { CompleteSubmitOptions } from '../../options/submit-options.ts';
import { kubernetesJobs } from './jobs.ts';

/** What `submit` prints for Kubernetes. */
export interface KubernetesSubmission {
  readonly engine: 'kubernetes';
  readonly parts: number;
  readonly out: string;
  /** The Jobs as YAML, and how to run them, in comments. */
  readonly manifest: string;
}

/** Writes the Jobs as YAML. Talks to no cluster. */
export function printForKubernetes(options: CompleteSubmitOptions, parts: number): KubernetesSubmission {
  const jobs = kubernetesJobs(options, parts);
  const names = jobs.map(({ metadata }) => metadata?.name ?? '');
  const documents = jobs.map((job) => stringify(job, { lineWidth: 0, aliasDuplicateObjects: false }));
  const manifest = [`${guide(names)}\n`, ...documents].join('---\n');
  return { engine: 'kubernetes', parts, out: options.run.out, manifest };
}

/** How the Jobs are run one after the other. */
function guide(names: readonly string[]): string {
  const steps = names.slice(1).map((name, i) => {
    const wait = `kubectl wait --for=condition=complete --timeout=24h job/${names[i]}`;
    return `${wait} &&\n  kubectl patch job/${name} --type=merge --patch='{"spec":{"suspend":false}}'`;
  });
  const lines = [
    'ghm in shards. With this in ghm.yaml:',
    '  kubectl apply --filename=ghm.yaml',
    ...steps.flatMap((step) => step.split('\n').map((line) => `  ${line}`)),
    'Exit code 3 (bad data) fails an index at once; kubectl logs says where they are. After a failure delete the Jobs and',
    'apply them again: shards that are there already are left as they are. Needs Kubernetes 1.29 or later.',
  ];
  return lines.map((line) => `# ${line}`).join('\n');
}
