import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight, verify } from '../../src/index.ts';
import { ghm } from '../cli/ghm.ts';
import { streamOf } from '../library/stream.ts';
import { lastingOutputs, treeOf } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { type GhmProcess, inputs, killProcesses, queued, startProcess, startWorker } from './queue-workers.ts';
import { hasNoRedis, type RedisServer, startRedis } from './redis-server.ts';

describe.skipIf(hasNoRedis())('reweight by the workers of a queue', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    killProcesses();
    await redis.client.flushall();
  });

  const keys = async (): Promise<string[]> => (await redis.client.keys('bull:ghm:ghm-*')).sort();
  const hiddenIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));

  it('1, 2 and 4 workers write the bytes of local threads', async () => {
    const stream = streamOf(60_000);
    const { at, folder, options } = stream;
    const { logits, labels } = options;
    const workers: GhmProcess[] = [];
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const forms: Partial<ReweightOptions>[] = [
      { bins: 10, maxWeight: 20 },
      { density: 'window', epsilon: 0.1, outputDtype: 'float16' },
      { batch: 'rows:1000', momentum: 0.5 },
    ];
    for (const [i, form] of forms.entries()) {
      await reweight({ ...options, ...form, threads: 1, out: at(`local-${i}`) });
      while (workers.length < 2 ** i) workers.push(await startWorker(redis.url, folder));
      const out = at(`queue-${i}`);
      const given = { ...form, logits, labels, out, onWarning };
      const made = await reweight({ ...given, engine: 'bullmq', redis: redis.url, parts: 5 });
      expect(made).toMatchObject({ command: 'reweight', out, samples: 240_000 });
      expect(lastingOutputs(out)).toEqual(lastingOutputs(at(`local-${i}`)));
      expect(await verify({ files: out })).toMatchObject({ damage: [] });
    }
    expect(warnings).toEqual([]);
    for (const worker of workers) expect(await worker.end('SIGTERM')).toBe(0);
  });

  it('survives a worker that dies with a job, one that comes late, and a server that restarts', async () => {
    const stream = streamOf(2_000_000);
    const { at, folder } = stream;
    await reweight({ ...stream.options, out: at('local'), threads: 1 });
    const first = await startWorker(redis.url, folder, '--lock', '2');
    const run = startProcess(queued(redis.url, ...inputs(stream), '--parts', '8', '--out', at('queue')));
    await first.saying(/count 3\/8 of \S+\n/);
    expect(await first.end('SIGKILL')).toBe(null);
    expect(await redis.client.llen('bull:ghm:active')).toBe(1);
    const second = await startWorker(redis.url, folder, '--lock', '2');
    await second.saying(/count \d+\/8 of \S+: done/);
    await redis.restart(500);
    const third = await startWorker(redis.url, folder, '--lock', '2');
    expect(await run.end()).toBe(0);
    expect(lastingOutputs(at('queue'))).toEqual(lastingOutputs(at('local')));
    expect(hiddenIn(at('queue'))).toEqual([]);
    expect(`${second.said()}${third.said()}`).toMatch(/count 3\/8 of \S+: done/);
    for (const worker of [second, third]) expect(await worker.end('SIGTERM')).toBe(0);
  });

  it('a worker that dies while it finishes leaves nothing in the folder when another has finished', async () => {
    const stream = streamOf(500_000);
    const { at, folder } = stream;
    await reweight({ ...stream.options, out: at('local'), threads: 1 });
    const first = await startWorker(redis.url, folder, '--lock', '1');
    const run = startProcess(queued(redis.url, ...inputs(stream), '--parts', '3', '--out', at('queue')));
    await first.saying(/\nghm: finish of/);
    expect(await first.end('SIGKILL')).toBe(null);
    expect(first.said()).not.toMatch(/finish of \S+: done/);
    const second = await startWorker(redis.url, folder, '--lock', '1');
    expect(await run.end()).toBe(0);
    expect(second.said()).toMatch(/finish of \S+: done/);
    expect(lastingOutputs(at('queue'))).toEqual(lastingOutputs(at('local')));
    expect(hiddenIn(at('queue'))).toEqual([]);
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it('bad data end it with 3 after one try; the same run works when they are mended; all keys expire', async () => {
    const { at, folder } = streamOf(1);
    const good = new Float32Array(100);
    writeFileSync(at('x.npy'), npy('float32', [100], good.with(70, Number.NaN)));
    writeFileSync(at('y.npy'), npy('uint8', [100], new Uint8Array(100).with(3, 1)));
    const worker = await startWorker(redis.url, folder);
    const run = queued(
      redis.url,
      ...['--logits', at('x.npy'), '--labels', at('y.npy')],
      ...['--parts', '4', '--out', at('made/out'), '--quiet'],
    );
    expect(await ghm(...run)).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `ghm: ${at('x.npy')}: row 70: expected a logit, found NaN; use --non-finite ignore to leave such samples out\n`,
    });
    expect(existsSync(at('made'))).toBe(false);
    const failed = (await keys()).find((key) => /-count-3$/.test(key)) ?? '';
    expect(await redis.client.hget(failed, 'atm')).toBe('1');
    writeFileSync(at('x.npy'), npy('float32', [100], good));
    expect(await ghm(...run)).toMatchObject({ exitCode: 0, stderr: '' });
    const left = await keys();
    expect(left.length).toBeGreaterThan(10);
    for (const key of left) expect(await redis.client.ttl(key)).toBeGreaterThan(3000);
    expect(await worker.end('SIGTERM')).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with %i, and takes its jobs out of the queue', async (signal, code) => {
    const stream = streamOf(1_000_000);
    const { at, folder } = stream;
    const before = treeOf(folder);
    const worker = await startWorker(redis.url, folder);
    const run = startProcess(queued(redis.url, ...inputs(stream), '--parts', '30', '--out', at('out')));
    await worker.saying(/count 2\/30 of \S+\n/);
    expect(await run.end(signal)).toBe(code);
    expect(run.said()).toContain('ghm: interrupted: nothing was written\n');
    expect((await keys()).filter((key) => !key.endsWith('-cancelled'))).toEqual([]);
    await worker.saying(/count \d+\/30 of \S+: done/);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(treeOf(folder)).toEqual(before);
  });

  it('a run goes on when the process that asked for it dies, and what others put in the folder meanwhile is kept', async () => {
    const stream = streamOf(100);
    const { at, folder } = stream;
    const runs = ['alone', 'met'].map((name) =>
      startProcess(queued(redis.url, ...inputs(stream), '--parts', '2', '--out', at(name))),
    );
    for (const run of runs) await run.saying(/no worker listens/);
    const [alone, met] = runs;
    expect(await alone.end('SIGKILL')).toBe(null);
    writeFileSync(at('met/density.json'), 'mine');
    const worker = await startWorker(redis.url, folder);
    expect([await met.end(), met.said()]).toEqual([
      2,
      expect.stringContaining(`ghm: ${at('met/density.json')} exists already; use --force to replace it\n`),
    ]);
    expect(Object.keys(treeOf(at('met')))).toEqual(['density.json']);
    await worker.saying(/finish of \S+: done/);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(Object.keys(treeOf(at('alone'))).sort()).toEqual([
      'density.json',
      'report.html',
      'summary.json',
      'x.beta.npy',
    ]);
    for (const key of await keys()) expect(await redis.client.ttl(key)).toBeGreaterThan(3000);
  });

  it('jobs that are gone end it', async () => {
    const stream = streamOf(100);
    const run = startProcess(queued(redis.url, ...inputs(stream), '--out', stream.at('out')));
    await run.saying(/no worker listens/);
    await redis.client.flushall();
    const asked = performance.now();
    expect(await run.end()).toBe(1);
    // it waits for no jobs that others have begun
    expect(performance.now() - asked).toBeLessThan(9000);
    expect(run.said()).toMatch(
      /ghm: the jobs of ghm-\d{14}-[0-9a-f]{8} are gone from the queue: removed, or lost by a server that restarted and keeps nothing on its disk\n$/,
    );
    expect(existsSync(stream.at('out'))).toBe(false);
  });
});
