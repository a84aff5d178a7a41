import { validateWorker, type WorkerEvent } from '../../options/bullmq-options.ts';
import { duration } from '../../report/terminal/number-format.ts';
import type { Command } from '../command.ts';
import { queueFlags, queueOptions } from '../queue-flags.ts';
import { poolFlags, quietFlag } from '../run-flags.ts';

/** Does the jobs of a queue. */
export const worker: Command = {
  name: 'worker',
  summary: 'do jobs of ghm reweight --engine bullmq, on this machine',
  usage: '--redis URL --root DIR [--root DIR ..] [options]',
  about:
    'Takes jobs of ghm reweight --engine bullmq from a queue on a Redis or Valkey server, one after the other, until it is told to stop (SIGTERM, Ctrl-C): the job that it has then is done to its end. Start it on as many machines as you like; all of them, and the one that asks for the run, see the files under the same paths. Jobs may read and write below the roots alone, links resolved.',
  flags: {
    ...queueFlags,
    root: { kind: 'list', group: 'Queue:', describe: 'required: folders that jobs may read from and write to' },
    lock: {
      kind: 'value',
      group: 'Queue:',
      describe: 'seconds until the job of a worker that died is given to another, 1 to 3600 (default 30)',
    },
    ...poolFlags,
    ...quietFlag,
  },
  examples: [
    'ghm worker --redis redis://queue:6379 --root /data',
    'GHM_REDIS=rediss://:PASSWORD@queue.example.org ghm worker --root /dumps --root /weights',
  ],
  async run(flags, session) {
    const options = validateWorker({
      ...queueOptions(flags, true),
      roots: flags.list('root'),
      lock: flags.number('lock'),
      threads: flags.number('threads'),
      memory: flags.text('memory'),
      signal: session.signal,
      onEvent: (event: WorkerEvent) => session.log(lineOf(event)),
      onWarning: session.onWarning,
    });
    const { worker } = await import('../../run/worker.ts');
    await worker(options);
  },
};

function lineOf(event: WorkerEvent): string {
  switch (event.kind) {
    case 'listening':
      return `waiting for jobs of queue ${event.queue} of ${event.redis}, for files below ${event.roots.join(', ')}`;
    case 'begun':
      return event.job;
    case 'done':
      return `${event.job}: done in ${duration(event.seconds)}`;
    case 'failed':
      return `${event.job}: failed after ${duration(event.seconds)}: ${event.message}`;
  }
}
