import { describe, expect, it } from 'vitest';
import { availableThreads, cpuQuota } from '../../src/options/available-threads.ts';

/** A file system of these files. */
const files =
  (texts: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    texts[path];

describe('cpuQuota', () => {
  it('is none where there are no control groups', () => {
    expect(cpuQuota(files({}))).toBe(Number.POSITIVE_INFINITY);
  });

  it('reads version 2, at the root of a container', () => {
    const read = files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' });
    expect(cpuQuota(read)).toBe(1.5);
  });

  it('takes the strictest of the groups above a process', () => {
    const read = files({
      '/proc/self/cgroup': '0::/slurm/job_7/step_0\n',
      '/sys/fs/cgroup/slurm/job_7/step_0/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/slurm/job_7/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/slurm/cpu.max': '3200000 100000\n',
    });
    expect(cpuQuota(read)).toBe(4);
  });

  it('reads version 1, under either name of its mount', () => {
    const group = '7:memory:/x\n4:cpu,cpuacct:/docker/abc\n0::/\n';
    const at = '/sys/fs/cgroup/cpu,cpuacct/docker/abc';
    const read = files({
      '/proc/self/cgroup': group,
      [`${at}/cpu.cfs_quota_us`]: '50000\n',
      [`${at}/cpu.cfs_period_us`]: '100000\n',
    });
    expect(cpuQuota(read)).toBe(0.5);
    const unlimited = files({
      '/proc/self/cgroup': '1:cpu:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(cpuQuota(unlimited)).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not mind nonsense', () => {
    const read = files({ '/proc/self/cgroup': 'what\n0::/\n', '/sys/fs/cgroup/cpu.max': 'none\n' });
    expect(cpuQuota(read)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('availableThreads', () => {
  const quota = (text: string) => files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': text });

  it.each([
    ['max 100000', 8, 8],
    ['250000 100000', 8, 3],
    ['50000 100000', 8, 1],
    ['6400000 100000', 8, 8],
    ['max 100000', 5000, 1024],
  ])('of quota %j and %i cores are %i', (text, cores, threads) => {
    expect(availableThreads(quota(text), cores)).toBe(threads);
  });

  it('is at least one here', () => {
    expect(availableThreads()).toBeGreaterThanOrEqual(1);
  });
});
