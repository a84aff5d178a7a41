import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, histogram, reweight } from '../../src/index.ts';
import { lastingOutputs } from '../run/folder-tree.ts';
import { streamOf } from './stream.ts';

const LIBRARY = new URL('../../dist/src/index.js', import.meta.url).href;
const REWEIGHT = new URL('../../src/run/reweight.ts', import.meta.url).href;

/** Runs a script with the built library in a process of its own, as a user of the package would. */
function script(text: string): { status: number | null; stdout: string; stderr: string } {
  const source = `import * as ghm from ${JSON.stringify(LIBRARY)};\n${text}`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 55_000,
  });
  return { status: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

describe('runs in one process', () => {
  it('several at once do not disturb each other', async () => {
    const streams = [streamOf(5000), streamOf(300), streamOf(1)];
    await Promise.all(streams.map(({ options }) => reweight({ ...options, bins: 2, threads: 2 })));
    const [{ at, options }] = streams;
    await Promise.all([
      reweight({ ...options, bins: 2, out: at('out2'), threads: 3 }),
      reweight({ ...options, bins: 30, out: at('out30') }),
      histogram({ ...options, bins: 2, out: at('p.ghm') }),
      apply({ ...options, density: at('out/density.json'), out: at('applied') }),
    ]);
    expect(lastingOutputs(at('out2'))).toEqual(lastingOutputs(at('out')));
    expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('out')));
    expect(lastingOutputs(at('out30'))).not.toEqual(lastingOutputs(at('out')));
  });

  it.runIf(process.platform === 'linux')('30 runs, some failing: no threads, descriptors or warnings stay', () => {
    const { folder, options } = streamOf(2000);
    const { status, stdout, stderr } = script(`
      import { readdirSync } from 'node:fs';
      const count = (what) => readdirSync('/proc/self/' + what).length;
      const options = ${JSON.stringify(options)};
      const { signal } = new AbortController();
      const run = (i) => ghm.reweight({ ...options, threads: 2, out: options.out + i, signal });
      await run('first');
      const before = [count('task'), count('fd')];
      for (let i = 0; i < 20; i++) await run(i);
      await Promise.all([20, 21, 22, 23, 24, 25, 26, 27].map(run));
      for (let i = 0; i < 3; i++) await ghm.reweight({ ...options, bins: 1, logits: 'none.npy' }).catch(() => {});
      for (let i = 0; i < 3; i++) {
        await ghm.reweight({ ...options, backgroundLabel: 1000 }).catch((error) => console.log(error.exitCode));
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      console.log(JSON.stringify([before, [count('task'), count('fd')]]));
    `);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    expect(lines.slice(0, 3)).toEqual(['3', '3', '3']);
    const [[tasks, files], [tasksAfter, filesAfter]] = JSON.parse(lines[3]);
    expect(tasksAfter).toBeLessThanOrEqual(tasks);
    expect(filesAfter).toBeLessThanOrEqual(files + 2);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('a process ends by itself, without unhandled rejections', () => {
    const { folder, options } = streamOf(2000);
    const { status, stdout, stderr } = script(`
      process.on('unhandledRejection', (error) => { console.log('unhandled', error); });
      const options = ${JSON.stringify(options)};
      const { samples } = await ghm.reweight(options);
      const partial = await ghm.histogram({ ...options, out: ${JSON.stringify(join(folder, 'p.ghm'))} });
      console.log(samples, partial.total);
      await ghm.reweight({ ...options, out: options.out + 2, backgroundLabel: 99 }).catch((error) => console.log(error.name, error.exitCode));
      await ghm.reweight({ ...options, signal: AbortSignal.abort(), force: true }).catch((error) => console.log(error.exitCode));
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '8000 8000\nGhmError 3\n130\n', stderr: '' });
  });

  it('an exception thrown by onProgress does not end the process', () => {
    const { folder, options } = streamOf(200_000);
    const file = join(mkdtempSync(join(tmpdir(), 'ghm-script-')), 'throw.ts');
    // from the sources, with so many shards that progress is reported on the way
    writeFileSync(
      file,
      `import { reweightInShards } from ${JSON.stringify(REWEIGHT)};
      const options = { ...${JSON.stringify(options)}, threads: 1, onProgress: () => { throw new Error('mine'); } };
      reweightInShards(options, 100).catch((error) => console.log('caught', error.message));`,
    );
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8' });
    rmSync(dirname(file), { recursive: true });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'caught mine\n' });
    expect(readdirSync(folder).sort()).toEqual(['x.npy', 'y.npy']);
  });
});
