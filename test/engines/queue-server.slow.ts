import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ghm } from '../cli/ghm.ts';
import { streamOf } from '../library/stream.ts';
import { treeOf } from '../run/folder-tree.ts';
import { inputs, killProcesses, queued, startProcess, startWorker } from './queue-workers.ts';
import { freePort, hasNoRedis, startRedis } from './redis-server.ts';

describe.skipIf(hasNoRedis())('the server of a queue', () => {
  afterEach(killProcesses);

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

  it('that refuses a command is named, with what it says', async () => {
    const server = await startRedis();
    try {
      await server.client.acl('SETUSER', 'reader', 'on', '>s3cret', '~*', '+ping', '+info', '+client');
      const { at, folder, options } = streamOf(10);
      const url = `redis://reader:s3cret@127.0.0.1:${server.port}`;
      const said = `--redis ${server.url}: `;
      const ended = await ghm(
        ...queued(url, '--logits', options.logits, '--labels', options.labels, '--out', at('out')),
      );
      expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^ghm: --redis \S+: .*NOPERM/) });
      expect(ended.stderr.startsWith(`ghm: ${said}`)).toBe(true);
      expect(existsSync(at('out'))).toBe(false);
      const worker = startProcess(['worker', '--redis', url, '--root', folder]);
      await worker.saying(/ghm: warning: --redis \S+: NOPERM/);
    } finally {
      await server.stop();
    }
  });

  it('is spoken to by TLS, where its certificate is trusted', async () => {
    const { at, folder, ...stream } = streamOf(100);
    const [key, certificate] = [at('key.pem'), at('certificate.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    const port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
    const secured = await startRedis('--tls-port', String(port), '--tls-auth-clients', 'no', ...files);
    try {
      const url = `rediss://localhost:${port}`;
      const run = queued(url, ...inputs({ at, folder, ...stream }), '--out', at('out'), '--quiet');
      expect(await ghm(...run)).toMatchObject({
        exitCode: 1,
        stderr: `ghm: --redis ${url}: cannot be reached (self-signed certificate)\n`,
      });
      const env = { NODE_EXTRA_CA_CERTS: certificate, GHM_REDIS: url };
      const worker = startProcess(['worker', '--root', folder], env);
      expect(await startProcess(run, env).end()).toBe(0);
      expect(await worker.end('SIGTERM')).toBe(0);
    } finally {
      await secured.stop();
    }
  });
});
