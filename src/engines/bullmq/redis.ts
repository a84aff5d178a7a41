import type { Redis } from 'ioredis';
import { type GhmError, interrupted, runError } from '../../errors.ts';
import { redisName } from '../../options/redis-url.ts';

export type Bullmq = typeof import('bullmq');

/** BullMQ, and a connection for it that comes back after every interruption. */
export interface QueueServer {
  readonly bullmq: Bullmq;
  readonly client: Redis;
  close(): void;
}

export interface ConnectOptions {
  readonly signal: AbortSignal | undefined;
  /** Told when the connection is lost, and why. */
  readonly onLost: (message: string) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const LONGEST_WAIT_MS = 5_000;

/**
 * Loads BullMQ and connects to the server.
 *
 * @throws runError where the packages are not installed, or the server cannot be reached or refuses the password
 */
export async function connect(url: string, { signal, onLost }: ConnectOptions): Promise<QueueServer> {
  const name = redisName(url);
  const { bullmq, Redis } = await load();
  let connected = false;
  let isReady = false;
  let reason = '';
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // BullMQ asks for it: commands wait for the server to come back
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (connected ? Math.min(times * 200, LONGEST_WAIT_MS) : null),
  });
  client.on('error', (error: Error) => {
    reason = reasonOf(error);
  });
  client.on('ready', () => {
    isReady = true;
  });
  client.on('close', () => {
    if (connected && isReady) onLost(`${name}: the connection is lost; waiting for it to come back`);
    isReady = false;
  });
  const stop = (): void => client.disconnect();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    await client.ping();
    connected = true;
  } catch (error) {
    client.disconnect();
    if (signal?.aborted) throw interrupted();
    throw runError(`--redis ${name}: cannot be reached (${reason || reasonOf(error)})`, error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return {
    bullmq,
    client,
    close() {
      connected = false;
      client.disconnect();
    },
  };
}

/** What to say where the server answers, but not as it should: no right, no room, a copy that cannot be written. */
export const refusal = (url: string, error: unknown): GhmError =>
  runError(`--redis ${redisName(url)}: ${reasonOf(error)}`, error);

/** Whether a server that is away is all that is wrong. */
export const isAway = (error: Error): boolean =>
  /^Connection is closed|^connect |^read E|^write E/.test(error.message) || 'syscall' in error;

async function load(): Promise<{ bullmq: Bullmq; Redis: typeof import('ioredis').Redis }> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (error) {
    throw runError(
      'a queue needs the packages bullmq and ioredis, which are not installed: npm install bullmq@6.7.0 ioredis@6.0.0',
      error,
    );
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
