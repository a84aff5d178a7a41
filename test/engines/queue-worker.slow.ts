import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { streamOf } from '../library/stream.ts';
import { treeOf } from '../run/folder-tree.ts';
import { inputs, killProcesses, queued, startProcess, startWorker } from './queue-workers.ts';
import { hasNoRedis, type RedisServer, startRedis } from './redis-server.ts';

describe.skipIf(hasNoRedis())('a worker', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(killProcesses);

  const outcome = async (queue: Queue, data: unknown): Promise<{ failed: string; tries: number }> => {
    const { id = '' } = await queue.add('any', data, { attempts: 3 });
    while ((await queue.getJobState(id)) !== 'failed') await sleep(20);
    const job = await queue.getJob(id);
    return { failed: job?.failedReason ?? '', tries: job?.attemptsMade ?? 0 };
  };

  it('neither reads nor writes outside its roots, and checks what it is asked for', async () => {
    const inside = streamOf(10);
    const outside = streamOf(10);
    const { at, folder, options } = inside;
    symlinkSync(outside.folder, at('away'));
    symlinkSync(outside.options.logits, at('x-away.npy'));
    writeFileSync(at('list.txt'), `${outside.options.logits}\n`);
    const before = treeOf(outside.folder);
    const worker = await startWorker(redis.url, folder);
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
      [{ ...count, options: { logits: `${folder}/../x.npy`, labels } }, refused(`${folder}/../x.npy`, 'has .. in it')],
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
    const worker = await startWorker(redis.url, folder);
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
