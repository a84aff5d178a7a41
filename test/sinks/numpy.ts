import { spawnSync } from 'node:child_process';

const found = ['python3', '/usr/bin/python3'].find(
  (python) => spawnSync(python, ['-c', 'import numpy'], { timeout: 20_000 }).status === 0,
);

/** Whether there is a Python with NumPy, to read what was written as its users do. */
export const HAS_NUMPY = found !== undefined;

/** Runs a script after `import sys, json, numpy as np` and returns what it prints as JSON. */
export function inNumPy(script: string, ...args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(
    found ?? 'python3',
    ['-c', `import sys, json, numpy as np\n${script}`, ...args],
    { encoding: 'utf8', timeout: 30_000 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
