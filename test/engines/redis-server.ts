import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const PROGRAM = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** Whether the tests that need a server are to be left out: GHM_NEEDS_REDIS=1 makes its absence a failure. */
export function hasNoRedis(): boolean {
  if (PROGRAM !== undefined) return false;
  if (process.env.GHM_NEEDS_REDIS === '1') throw new Error('neither redis-server nor valkey-server is installed');
  console.log('neither redis-server nor valkey-server is installed: the tests of the queue are skipped');
  return true;
}

export interface RedisServer {
  readonly port: number;
  /** Without a password. */
  readonly url: string;
  /** A connection of the test's own. */
  readonly client: Redis;
  /** Stops it as an administrator would, and starts it again on the same port with what it kept. */
  restart(pause?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a free port of the loopback that keeps its keys on the disk. */
export async function startRedis(...options: string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-redis-'));
  const port = await freePort();
  const password = options[options.indexOf('--requirepass') + 1];
  const client = new Redis({ port, lazyConnect: true, ...(options.includes('--requirepass') && { password }) });
  client.on('error', () => {});
  const given = ['--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', '', '--port', String(port)];
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(PROGRAM ?? '', [...given, ...options], { stdio: 'ignore' });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      const isThere = await client.ping().then(
        () => true,
        () => false,
      );
      if (isThere) return child;
      await sleep(20);
    }
  };
  const end = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  let child = await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    async restart(pause = 0) {
      await end(child);
      await sleep(pause);
      child = await start();
    },
    async stop() {
      client.disconnect();
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
