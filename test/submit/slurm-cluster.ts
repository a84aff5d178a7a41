import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const PROGRAMS = [
  '/usr/sbin/munged',
  '/usr/sbin/mungekey',
  '/usr/sbin/slurmctld',
  '/usr/sbin/slurmd',
  '/usr/bin/sbatch',
];

/** Slurm can be started where its programs are, by root. */
export const hasSlurm = PROGRAMS.every((path) => existsSync(path)) && process.getuid?.() === 0;

/** A Slurm of its own on loopback. */
export interface SlurmCluster {
  /** What its commands want in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs one of its commands. */
  run(program: string, ...args: string[]): string;
  stop(): Promise<void>;
}

const NODES = ['n1', 'n2'];

/** Starts munge, the controller and two nodes of two cores each, and waits until both are idle. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-slurm-'));
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('state'));
  const ports = await freePorts(1 + NODES.length);
  writeFileSync(at('slurm.conf'), configuration(folder, ports));
  execFileSync('/usr/sbin/mungekey', ['--create', `--keyfile=${at('munge.key')}`]);
  chmodSync(at('munge.key'), 0o600);
  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]): void => {
    const log = openSync(at('daemons.log'), 'a');
    children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
  };
  const munge = ['socket', 'key-file', 'pid-file', 'seed-file', 'log-file'].map(
    (name) => `--${name}=${at(`munge.${name.split('-')[0]}`)}`,
  );
  start('/usr/sbin/munged', ['--foreground', '--force', ...munge]);
  await until(() => existsSync(at('munge.socket')));
  start('/usr/sbin/slurmctld', ['-D', '-f', at('slurm.conf')]);
  for (const node of NODES) start('/usr/sbin/slurmd', ['-D', '-N', node, '-f', at('slurm.conf')]);

  const env = { SLURM_CONF: at('slurm.conf') };
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const idle = (): boolean => {
    try {
      return run('sinfo', '--noheader', '--format=%t %D').trim() === `idle ${NODES.length}`;
    } catch {
      return false;
    }
  };
  const stop = async (): Promise<void> => {
    // munge last: the others sign what they say with it
    for (const child of children.reverse()) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(idle);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, run, stop };
}

function configuration(folder: string, [controller, ...nodes]: readonly number[]): string {
  const host = hostname();
  return [
    'ClusterName=ghm',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${folder}/munge.socket`,
    // without cgroups, which a container does not have
    'ProctrackType=proctrack/pgid',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'ReturnToService=2',
    'KillWait=1',
    'SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=1',
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd-%n.pid`,
    ...NODES.map((name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${nodes[i]} CPUs=2`),
    `PartitionName=short Nodes=${NODES.join(',')} Default=YES MaxTime=INFINITE State=UP`,
    '',
  ].join('\n');
}

/** Ports that are free now, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Waits until something holds, at most half a minute. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (holds()) return;
    await setTimeout(100);
  }
  throw new Error(`still not: ${holds}`);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
