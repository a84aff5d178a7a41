import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN } from '../run/command.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/export/', import.meta.url));
/** Debian's own: a virtual environment on the path would not see its packages. */
const PYTHON = '/usr/bin/python3';
const hasTorchvision = spawnSync(PYTHON, ['-c', 'import torchvision']).status === 0;

/** The files that `examples/export` writes are what `ghm` reads, and its weights are what the examples read. */
describe('examples/export', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ghm-export-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (command: string, ...args: string[]): string =>
    // no compiled files beside the scripts
    execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });

  it('dumps a torchvision RetinaNet, weighs it, and reads the weights back', ({ skip }) => {
    if (!hasTorchvision) skip(`${PYTHON} has no torchvision: apt-get install python3-torchvision`);
    const sizes = ['--random', '5', '--classes', '4', '--images-per-shard', '2'];
    run(PYTHON, join(EXAMPLES, 'export_torchvision.py'), ...sizes, '--out', 'dumps');
    const arrays = ['image_id', 'label_weights', 'labels', 'level', 'logits'];
    const shards = ['00000', '00001', '00002'];
    expect(readdirSync(join(folder, 'dumps')).sort()).toEqual(
      shards.flatMap((shard) => arrays.map((array) => `part-${shard}.${array}.npy`)),
    );

    const inputs = [
      ['--logits', 'dumps/*.logits.npy'],
      ['--labels', 'dumps/*.labels.npy'],
      ['--label-weights', 'dumps/*.label_weights.npy'],
    ].flat();
    const summary = JSON.parse(run(process.execPath, MAIN, 'reweight', ...inputs, '--out', 'weights', '--json'));
    // a 128 x 128 image: levels of 16, 8, 4, 2 and 1 locations a side, 9 anchors each
    const anchors = 9 * (16 ** 2 + 8 ** 2 + 4 ** 2 + 2 ** 2 + 1);
    expect(summary.samples).toBe(5 * anchors * 4);
    expect(summary.density.total + summary.density.ignored).toBe(summary.samples);
    expect(summary.density.ignored).toBeGreaterThan(0);
    // random weights score everything near the prior of 0.01, so that the regions at both ends are taken
    expect(summary.density.counts[0]).toBeGreaterThan(0.9 * summary.density.total);
    expect(summary.density.counts[29]).toBeGreaterThan(0);

    const read = run(PYTHON, join(EXAMPLES, 'read_beta.py'), 'dumps', 'weights');
    expect(read.match(/^image \d: 3069 anchors/gm)).toHaveLength(5);
    expect(read).toMatch(/^GHM-C of the first image: \d/m);
    expect(read).toMatch(/^weights by density\.json that are those of the file: (100\.|99\.9)/m);
    expect(read).toMatch(/^sampled images: \[\d, \d, \d, \d, \d\]$/m);
  });

  it.each(['export_mmdet', 'export_detectron2', 'export_ultralytics'])('%s.py is Python', (name) => {
    const parse = 'import ast, sys; ast.parse(open(sys.argv[1]).read())';
    expect(spawnSync('python3', ['-c', parse, join(EXAMPLES, `${name}.py`)]).status).toBe(0);
  });
});
