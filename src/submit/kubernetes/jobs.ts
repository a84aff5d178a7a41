import { basename } from 'node:path';
import type { Job, JobSpec, PodFailurePolicy } from 'kubernetes-types/batch/v1.js';
import type { CompleteSubmitOptions } from '../../options/submit-options.ts';
import { packageVersion } from '../../package-files.ts';
import { commandText } from '../shell-words.ts';
import { placesIn, type StepName, wordsOfSteps } from '../step-words.ts';

/** Kubernetes counts from 0, ghm from 1. */
const INDEX = '$((JOB_COMPLETION_INDEX + 1))';
const CONTAINER = 'ghm';
const VOLUME = 'data';
const RETRIES = 3;

/** Wrong usage and bad data: of no use to try again. */
const FINAL_EXIT_CODES = [2, 3];

/**
 * The Jobs of the four steps. Jobs know nothing of each other: all but the first are made suspended, to be let go when the one
 * before them is complete.
 */
export function kubernetesJobs(options: CompleteSubmitOptions, parts: number): Job[] {
  const { run, jobs, cpus, atOnce } = options;
  const words = wordsOfSteps({ run, parts, cpus, places: placesIn(jobs), index: INDEX });
  const many = { completions: parts, parallelism: Math.min(parts, atOnce ?? parts) };
  const one = { completions: 1, parallelism: 1 };
  const job = (step: StepName, size: Pick<JobSpec, 'completions' | 'parallelism'>): Job => {
    const name = jobName(run.out, step);
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, labels: LABELS },
      spec: {
        ...size,
        ...(step === 'finish' ? AS_ONE : BY_INDEX),
        suspend: step !== 'count',
        template: {
          metadata: { labels: LABELS },
          spec: podSpec(options, `${options.ghm ?? 'ghm'} ${commandText(words[step])}`, step),
        },
      },
    };
  };
  return [job('count', many), job('merge', one), job('weigh', many), job('finish', one)];
}

const LABELS = { 'app.kubernetes.io/name': 'ghm' };

const policy = (action: 'FailIndex' | 'FailJob'): PodFailurePolicy => ({
  rules: [
    { action, onExitCodes: { containerName: CONTAINER, operator: 'In', values: FINAL_EXIT_CODES } },
    // a node that is drained or taken away is no failure of the shard
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  ],
});

const BY_INDEX = { completionMode: 'Indexed', backoffLimitPerIndex: RETRIES, podFailurePolicy: policy('FailIndex') };
const AS_ONE = { backoffLimit: RETRIES, podFailurePolicy: policy('FailJob') };

function podSpec(options: CompleteSubmitOptions, command: string, step: StepName): JobSpec['template']['spec'] {
  const {
    image = `ghm-reweight:${packageVersion()}`,
    claim = '',
    mount = '/data',
    podMemory: memory = '1Gi',
  } = options;
  const cpu = String(step === 'count' || step === 'weigh' ? options.cpus : 1);
  return {
    restartPolicy: 'Never',
    containers: [
      {
        name: CONTAINER,
        image,
        workingDir: mount,
        command: ['/bin/sh', '-c', `exec ${unexpanded(command)}\n`],
        resources: { requests: { cpu, memory }, limits: { memory } },
        volumeMounts: [{ name: VOLUME, mountPath: mount }],
      },
    ],
    volumes: [{ name: VOLUME, persistentVolumeClaim: { claimName: claim } }],
  };
}

/** Kubernetes would put variables in place of `$(NAME)`, and `$` in place of `$$`; `$((` it leaves to the shell. */
const unexpanded = (text: string): string => text.replaceAll(/\$(?=\$|\((?!\())/g, '$$$$');

const LONGEST_NAME = 63;

/** A name that Kubernetes takes: small letters, digits and dashes. */
export function jobName(out: string, step: StepName): string {
  const end = `-${step}`;
  const name = `ghm-${basename(out)}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME - end.length)
    .replace(/-+$/, '');
  return `${name}${end}`;
}
