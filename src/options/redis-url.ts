import { usageError } from '../errors.ts';
import type { RawOptions } from './fields.ts';

const FORM = 'redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS';
const DATABASE = /^(?:\/\d{0,5})?$/;

/** The URL of a Redis or Valkey server. @throws GhmError (usage) that does not show it: a password may be in it */
export function redisUrl({ redis }: RawOptions): string {
  const expected = (found: string) => usageError(`--redis: expected ${FORM}, found ${found}`);
  if (redis === undefined) throw expected('nothing');
  if (typeof redis !== 'string' || !URL.canParse(redis)) throw expected('something that is no URL');
  const { protocol, hostname, pathname } = new URL(redis);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw expected(`a URL of ${protocol}`);
  if (hostname === '') throw expected('a URL without a host');
  if (!DATABASE.test(pathname)) throw expected('a path where the number of a database belongs');
  return redis;
}

/** What can be said of a server: its URL without user, password and parameters. */
export function redisName(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  return `${protocol}//${hostname}:${port || 6379}${pathname === '/' ? '' : pathname}`;
}
