import { describe, expect, it } from 'vitest';
import { asksForBullmq, validateBullmqReweight, validateWorker } from '../../src/options/bullmq-options.ts';
import { redisName, redisUrl } from '../../src/options/redis-url.ts';

const RUN = { engine: 'bullmq', redis: 'redis://q', logits: 'x.npy', labels: 'y.npy', out: 'o' };

function message(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the URL of a server', () => {
  it.each([
    ['redis://queue', 'redis://queue:6379'],
    ['redis://:s3cret@queue:7000/3', 'redis://queue:7000/3'],
    ['rediss://user:s3cret@[::1]:7000/?family=6&password=s3cret', 'rediss://[::1]:7000'],
  ])('%s is named without what is secret', (redis, name) => {
    expect(redisUrl({ redis })).toBe(redis);
    expect(redisName(redis)).toBe(name);
  });

  const FORM = 'redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS';
  it.each([
    [undefined, 'nothing'],
    ['', 'something that is no URL'],
    ['queue:s3cret', 'a URL of queue:'],
    [7, 'something that is no URL'],
    ['http://:s3cret@queue', 'a URL of http:'],
    ['redis://', 'a URL without a host'],
    ['redis://queue/s3cret', 'a path where the number of a database belongs'],
    ['redis://:s3cret@queue:99999', 'something that is no URL'],
  ])('%j is refused, and not shown', (redis, found) => {
    expect(message(() => redisUrl({ redis }))).toBe(`--redis: expected ${FORM}, found ${found}`);
  });
});

describe('a run by workers', () => {
  it('is asked for by its engine', () => {
    expect(asksForBullmq(RUN)).toBe(true);
    expect(asksForBullmq({ ...RUN, engine: 'threads', redis: undefined })).toBe(false);
    expect(validateBullmqReweight(RUN)).toMatchObject({ redis: 'redis://q', queue: 'ghm', reweight: { out: 'o' } });
  });

  it.each([
    [{ engine: 'threads' }, '--redis: is for --engine bullmq; add that, or drop --redis'],
    [{ engine: 'bull' }, '--engine: expected threads, tfjs, tfjs-node or bullmq, found "bull"; did you mean bullmq?'],
    [{ parts: 0 }, '--parts: expected an integer from 1 to 10000, found 0'],
    [{ queue: 'a:b' }, '--queue: expected a name of letters, digits, -, _ and ., found "a:b"'],
    [{ threads: 2 }, '--threads: with --engine bullmq every worker has its own; give it to ghm worker'],
    [{ memory: '1GiB' }, '--memory: with --engine bullmq every worker has its own; give it to ghm worker'],
    [{ resume: true }, '--resume: with --engine bullmq a shard that is lost is done again by itself; run it without'],
    [
      { cocoResults: 'r.json' },
      '--engine bullmq: COCO results are matched as a whole, in one process: drop it, or give arrays to share the work',
    ],
    [{ bins: 0 }, '--bins: expected an integer from 1 to 10000, found 0'],
    [{ speed: 1 }, 'reweight has no option "speed"'],
  ])('%j is refused', (more, expected) => {
    const raw: object = { ...RUN, ...more };
    expect(message(() => asksForBullmq(raw) && validateBullmqReweight(raw))).toContain(expected);
  });
});

it('a worker needs roots', () => {
  const roots = '--root: expected at least one folder that jobs may read from and write to, found ';
  expect(message(() => validateWorker({ redis: 'redis://q' }))).toBe(`${roots}nothing`);
  expect(message(() => validateWorker({ redis: 'redis://q', roots: [] }))).toBe(`${roots}an empty list`);
  expect(message(() => validateWorker({ redis: 'redis://q', roots: '/', lock: 0 }))).toBe(
    '--lock: expected a number from 1 to 3600, found 0',
  );
  const complete = validateWorker({ redis: 'redis://q', roots: '/data' });
  expect(complete).toMatchObject({ queue: 'ghm', roots: ['/data'], lock: 30 });
  expect(validateWorker(complete)).toEqual({ ...complete, ...pickFunctions() });
});

/** Callbacks are wrapped again. */
const pickFunctions = () => ({ onEvent: expect.any(Function), onWarning: expect.any(Function) });
