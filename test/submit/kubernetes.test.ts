import { Job, type IJob as JobFields } from 'kubernetes-models/batch/v1';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type SubmitOptions, validateSubmit } from '../../src/options/submit-options.ts';
import { jobName } from '../../src/submit/kubernetes/jobs.ts';
import { printForKubernetes } from '../../src/submit/kubernetes/print.ts';

const RUN = { logits: 'd/*.x.npy', labels: 'd/*.y.npy', out: 'out/weights' };

function jobsOf(options: Partial<SubmitOptions> = {}): JobFields[] {
  const complete = validateSubmit({
    engine: 'kubernetes',
    print: true,
    claim: 'files',
    parts: 7,
    run: RUN,
    ...options,
  });
  return parseAllDocuments(printForKubernetes(complete, 7).manifest).map((document) => document.toJS());
}

describe('the Jobs of Kubernetes', () => {
  it('are what the published schema wants', () => {
    for (const fields of jobsOf()) expect(() => new Job(fields).validate()).not.toThrow();
    const [wrong] = jobsOf();
    const broken = { ...wrong, spec: { ...wrong.spec, completions: 'seven' } };
    expect(() => new Job(broken as unknown as JobFields).validate()).toThrow('data/spec/completions must be integer');
  });

  it('are three Indexed ones and a last one, of which only the first begins by itself', () => {
    const shapes = jobsOf().map(({ metadata, spec }) => [
      metadata?.name,
      spec?.completionMode,
      spec?.completions,
      spec?.suspend,
    ]);
    expect(shapes).toEqual([
      ['ghm-weights-count', 'Indexed', 7, false],
      ['ghm-weights-merge', 'Indexed', 1, true],
      ['ghm-weights-weigh', 'Indexed', 7, true],
      ['ghm-weights-finish', undefined, 1, true],
    ]);
  });

  it('give up an index at once where its data are bad, and try again elsewhere what failed otherwise', () => {
    const jobs = jobsOf();
    for (const { spec } of jobs) {
      expect(spec?.template.spec?.restartPolicy).toBe('Never');
      const [bad, disrupted] = spec?.podFailurePolicy?.rules ?? [];
      expect(bad.onExitCodes).toEqual({ containerName: 'ghm', operator: 'In', values: [2, 3] });
      expect(disrupted).toEqual({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    }
    expect(jobs.map(({ spec }) => spec?.podFailurePolicy?.rules[0].action)).toEqual([
      'FailIndex',
      'FailIndex',
      'FailIndex',
      'FailJob',
    ]);
    expect(jobs.map(({ spec }) => spec?.backoffLimitPerIndex)).toEqual([3, 3, 3, undefined]);
  });

  it('take their image, volume, cores and memory from the options', () => {
    const [count] = jobsOf({ image: 'registry.example/ghm:1', mount: '/files', cpus: 4, podMemory: '2Gi', atOnce: 3 });
    expect(count.spec?.parallelism).toBe(3);
    const pod = count.spec?.template.spec;
    expect(pod?.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'files' } }]);
    expect(pod?.containers).toEqual([
      {
        name: 'ghm',
        image: 'registry.example/ghm:1',
        workingDir: '/files',
        command: [
          '/bin/sh',
          '-c',
          `exec ghm histogram --logits 'd/*.x.npy' --labels 'd/*.y.npy' --shard "$((JOB_COMPLETION_INDEX + 1))/7" \\
  --threads 4 --out "out/weights.jobs/counts/$((JOB_COMPLETION_INDEX + 1)).ghm"
`,
        ],
        resources: { requests: { cpu: '4', memory: '2Gi' }, limits: { memory: '2Gi' } },
        volumeMounts: [{ name: 'data', mountPath: '/files' }],
      },
    ]);
  });
});

it('names of Jobs are those that Kubernetes takes', () => {
  expect(jobName('a/Weights of µ_1.', 'count')).toBe('ghm-weights-of-1-count');
  expect(jobName(`w${'x'.repeat(80)}`, 'finish')).toMatch(/^ghm-wx{51}-finish$/);
});

it.each<[Partial<Record<keyof SubmitOptions, unknown>>, string]>([
  [{ print: undefined }, '--engine kubernetes: ghm talks to no cluster; add --print, and give the output to kubectl'],
  [{ parts: undefined }, '--engine kubernetes: add --parts N, as the files need not be here to be looked at'],
  [{ claim: undefined }, '--engine kubernetes: add --claim NAME, the PersistentVolumeClaim of the files'],
  [{ wait: true }, '--wait is for --engine slurm: drop it'],
])('%j is refused', (options, message) => {
  const given = { engine: 'kubernetes', print: true, claim: 'c', parts: 2, run: RUN };
  expect(() => validateSubmit({ ...given, ...options })).toThrow(expect.objectContaining({ exitCode: 2, message }));
});
