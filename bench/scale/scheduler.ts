import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hasSlurm, startSlurm } from '../../test/submit/slurm-cluster.ts';

/** How long Slurm took for an array of tasks that do nothing. */
export interface ArrayRun {
  readonly tasks: number;
  readonly seconds: number;
}

/** Starts a Slurm of two nodes of two cores here and runs arrays of nothing; `null` where Slurm is not installed. */
export async function emptyArrays(sizes: readonly number[]): Promise<ArrayRun[] | null> {
  if (!hasSlurm) return null;
  const folder = mkdtempSync(join(tmpdir(), 'ghm-scale-'));
  const slurm = await startSlurm();
  try {
    const script = join(folder, 'nothing.sh');
    writeFileSync(script, '#!/bin/bash\n#SBATCH --output=/dev/null\nexec true\n');
    const runs: ArrayRun[] = [];
    for (const tasks of sizes) {
      const began = performance.now();
      slurm.run('sbatch', '--parsable', `--array=1-${tasks}`, script);
      while (slurm.run('squeue', '--noheader', '--format=%i') !== '') await setTimeout(100);
      runs.push({ tasks, seconds: (performance.now() - began) / 1000 });
    }
    return runs;
  } finally {
    await slurm.stop();
    rmSync(folder, { recursive: true });
  }
}
