import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight, verify } from '../../src/index.ts';
import { ghm } from '../cli/ghm.ts';
import { streamOf } from '../library/stream.ts';
import { lastingOutputs, treeOf } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { type GhmProcess, killProcesses, startProcess, startWorker } from './queue-workers.ts';
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

  const queued = (url: string, ...args: string[]): string[] => [
    'reweight',
    '--engine',
    'bullmq',
    '--redis',
    url,
    ...args,
  ];
  const inputs = ({ options: { logits, labels } }: ReturnType<typeof streamOf>): string[] => [
    ...['--logits', logits],
    ...['--labels', labels],
  ];
  const keys = async (): Promise<string[]> => (await redis.client.keys('bull:ghm:ghm-*')).sort();
  const hiddenIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));

  it('1, 2 and 4 workers write the bytes of local threads', async () => {
    const stream = streamOf(60_000);
    const { at, folder, options } = stream;
    const { logits, labels } = options;
    const workers: GhmProcess[] = [];
    const forms: Partial<ReweightOptions>[] = [
      { bins: 10, maxWeight: 20 },
      { density: 'window', epsilon: 0.1, outputDtype: 'float16' },
      { batch: 'rows:1000', momentum: 0.5 },
    ];
    for (const [i, form] of forms.entries()) {
      await reweight({ ...options, ...form, threads: 1, out: at(`local-${i}`) });
      while (workers.length < 2 ** i) workers.push(await startWorker(redis.url, folder));
      const out = at(`queue-${i}`);
      const made = await reweight({ ...form, engine: 'bullmq', redis: redis.url, parts: 5, logits, labels, out });
      expect(made).toMatchObject({ command: 'reweight', out, samples: 240_000 });
      expect(lastingOutputs(out)).toEqual(lastingOutputs(at(`local-${i}`)));
      expect(await verify({ files: out })).toMatchObject({ damage: [] });
    }
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

  describe('a worker', () => {
    let worker: GhmProcess;
    const outcome = async (queue: Queue, data: unknown): Promise<{ failed: string; tries: number }> => {
      const { id = '' } = await queue.add('any', data, { attempts: 3 });
      for (;;) {
        const job = await queue.getJob(id);
        if (await job?.isFailed()) return { failed: job?.failedReason ?? '', tries: job?.attemptsMade ?? 0 };
        await sleep(20);
      }
    };

    it('neither reads nor writes outside its roots, and checks what it is asked for', async () => {
      const inside = streamOf(10);
      const outside = streamOf(10);
      const { at, folder, options } = inside;
      symlinkSync(outside.folder, at('away'));
      symlinkSync(outside.options.logits, at('x-away.npy'));
      writeFileSync(at('list.txt'), `${outside.options.logits}\n`);
      const before = treeOf(outside.folder);
      worker = await startWorker(redis.url, folder);
      const queue = new Queue('ghm', { connection: redis.client });
      const count = { schema: 'ghm.job/1', run: 'ghm-1', of: 1, out: at('out'), step: 'count', index: 1 };
      const { logits, labels } = options;
      const refused = (path: string, why: string) => ({
        failed: `exit 2: ${path}: ${why}; ghm worker --root says where jobs may read and write`,
        tries: 1,
      });
      const lies = `lies outside the roots of this worker (${folder})`;
      const away = outside.options.logits;
      const cases: [unknown, object][] = [
        [{ ...count, options: { logits: away, labels } }, refused(away, lies)],
        [
          { ...count, options: { logits: at('x-away.npy'), labels } },
          refused(at('x-away.npy'), `leads to ${away}, which ${lies}`),
        ],
        [
          { ...count, options: { logits: at('away/x.npy'), labels } },
          refused(at('away/x.npy'), `leads to ${away}, which ${lies}`),
        ],
        [
          { ...count, options: { logits: at('away/*.npy'), labels } },
          refused(at('away'), `leads to ${outside.folder}, which ${lies}`),
        ],
        [
          { ...count, options: { logits: at('*/x.npy'), labels } },
          refused(at('away'), `leads to ${outside.folder}, which ${lies}`),
        ],
        [{ ...count, options: { logits: `@${at('list.txt')}`, labels } }, refused(outside.folder, lies)],
        [{ ...count, options: { logits: `@${away}`, labels } }, refused(away, lies)],
        [
          { ...count, options: { logits: `${folder}/../x.npy`, labels } },
          refused(`${folder}/../x.npy`, 'has .. in it'),
        ],
        [{ ...count, options: { logits: 'x.npy', labels } }, refused('x.npy', 'is no absolute path')],
        [{ ...count, options: { logits, labels, columns: { c: [away] } } }, refused(away, lies)],
        [{ ...count, out: outside.at('out'), options: { logits, labels } }, refused(outside.at('out'), lies)],
        [
          { ...count, out: at('away/out'), options: { logits, labels } },
          refused(at('away/out'), `leads to ${outside.at('out')}, which ${lies}`),
        ],
        [
          { ...count, run: 'ghm-../x', options: { logits, labels } },
          { failed: expect.stringMatching(/^exit 3: not a job of ghm reweight: run: /), tries: 1 },
        ],
        [
          { ...count, index: 2, options: { logits, labels } },
          { failed: 'exit 3: not a job of ghm reweight: index: expected at most `of`', tries: 1 },
        ],
        [
          { ...count, options: { logits, labels, bins: 'many' } },
          { failed: 'exit 2: --bins: expected an integer from 1 to 10000, found "many"', tries: 1 },
        ],
        [
          { ...count, options: { logits, labels, exec: 'x' } },
          { failed: expect.stringContaining('exit 2: histogram has no option "exec"'), tries: 1 },
        ],
        [{ hello: 1 }, { failed: expect.stringContaining('exit 3: not a job of ghm reweight: '), tries: 1 }],
        ['text', { failed: expect.stringContaining('exit 3: not a job of ghm reweight: '), tries: 1 }],
      ];
      for (const [data, expected] of cases) expect(await outcome(queue, data), JSON.stringify(data)).toEqual(expected);
      expect(treeOf(outside.folder)).toEqual(before);
      expect(existsSync(at('out'))).toBe(false);
      expect(await worker.end('SIGTERM')).toBe(0);
    });

    it('that is told to stop does the job that it has to its end', async () => {
      const stream = streamOf(1_000_000);
      const { at, folder } = stream;
      worker = await startWorker(redis.url, folder);
      const run = startProcess(queued(redis.url, ...inputs(stream), '--parts', '2', '--out', at('out')));
      await worker.saying(/count 1\/2 of \S+\n/);
      expect(await worker.end('SIGTERM')).toBe(0);
      expect(worker.said()).toMatch(/count 1\/2 of \S+: done in/);
      expect(worker.said()).not.toContain('count 2/2');
      await run.saying(/no worker listens to queue ghm of redis:\/\/127\.0\.0\.1:\d+: start some with ghm worker/);
      const next = await startWorker(redis.url, folder);
      expect(await run.end()).toBe(0);
      expect(await next.end('SIGINT')).toBe(0);
    });
  });

  it('a password is used, and never shown', async () => {
    const locked = await startRedis('--requirepass', 's3cret');
    try {
      const stream = streamOf(100);
      const url = (password: string) => `redis://:${password}@127.0.0.1:${locked.port}/1`;
      const worker = await startWorker(url('s3cret'), stream.folder);
      const run = queued(url('s3cret'), ...inputs(stream), '--out', stream.at('out'));
      const good = await ghm(...run);
      expect(good).toMatchObject({ exitCode: 0 });
      const wrong = await ghm(...queued(url('wr0ng'), ...inputs(stream), '--out', stream.at('out2')));
      expect(wrong).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(
          `ghm: --redis redis://127.0.0.1:${locked.port}/1: cannot be reached (WRONGPASS`,
        ),
      });
      expect(await worker.end('SIGTERM')).toBe(0);
      const dump = JSON.stringify(
        await Promise.all((await locked.client.keys('*')).map((key) => locked.client.dump(key))),
      );
      const files = Object.keys(treeOf(stream.at('out')));
      expect(files).toContain('summary.json');
      for (const text of [good.stdout, good.stderr, wrong.stderr, worker.said(), dump]) {
        expect(text).not.toMatch(/s3cret|wr0ng/);
      }
    } finally {
      await locked.stop();
    }
  });

  it('a server that is not there is named', async () => {
    const stream = streamOf(10);
    const url = 'redis://127.0.0.1:1';
    const expected = {
      exitCode: 1,
      stdout: '',
      stderr: `ghm: --redis ${url}: cannot be reached (connect ECONNREFUSED 127.0.0.1:1)\n`,
    };
    expect(await ghm(...queued(url, ...inputs(stream), '--out', stream.at('out')))).toEqual(expected);
    expect(await ghm('worker', '--redis', url, '--root', stream.folder)).toEqual(expected);
    expect(existsSync(join(stream.folder, 'out'))).toBe(false);
  });
});
