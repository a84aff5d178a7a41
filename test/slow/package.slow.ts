import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/index.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The package as a user gets it: packed, and installed in a folder of its own with nothing else. */
describe('the packed package', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ghm-package-')));
  const project = join(folder, 'project');
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  /** What the compiler says of a file that uses the package, and of all declarations that it needs. */
  const typesOf = (file: string, ...more: string[]): string => {
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const types = ['--typeRoots', join(repository, 'node_modules/@types'), '--types', 'node'];
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2023,dom',
      ...more,
    ];
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags, ...types, file], { cwd: project, encoding: 'utf8' });
    return stdout;
  };
  /** What ran: the shipped sample, weighed by an engine of tensors. */
  const tensors = (engine: string): Pick<Summary, 'engine'> => {
    const at = (name: string): string => join(project, `node_modules/ghm-reweight/examples/bccd/${name}.npy`);
    const inputs = ['--logits', at('logits'), '--labels', at('labels'), '--label-weights', at('label_weights')];
    const flags = ['--engine', engine, '--out', 'tensors', '--force', '--json', '--quiet'];
    return JSON.parse(run('npx', 'ghm', 'reweight', ...inputs, ...flags));
  };

  beforeAll(() => {
    mkdirSync(project);
    const [pack] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder], {
        cwd: repository,
        encoding: 'utf8',
      }),
    ) as [{ filename: string }];
    run('npm', 'init', '--yes');
    run('npm', 'install', '--no-audit', join(folder, pack.filename));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings two packages with it, what those need, and no install script', () => {
    const installed = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, { hasInstallScript?: boolean }>>;
    };
    const names = Object.keys(installed.packages).map((path) => path.replace('node_modules/', ''));
    // natives of this platform, of piscina's and of DuckDB
    const natives = /^@(?:napi-rs\/nice|duckdb\/node-bindings)-/;
    expect(names.filter((name) => !natives.test(name)).sort()).toEqual(
      ['@duckdb/node-bindings', '@napi-rs/nice', 'detect-libc', 'ghm-reweight', 'piscina'].sort(),
    );
    expect(Object.values(installed.packages).filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
  });

  it('is well-formed for those who import it', () => {
    const report = execFileSync('npx', ['publint', '--strict'], { cwd: repository, encoding: 'utf8' });
    expect(report).toMatch(/All good/);
  });

  it('needs no compiler: the command runs the main job', () => {
    const summary = JSON.parse(run('npx', 'ghm', 'demo', '--json', '--out', 'out'));
    const golden = JSON.parse(readFileSync(join(repository, 'examples/bccd/golden.json'), 'utf8'));
    expect(summary.density.counts).toEqual(golden.bins30.counts);
  });

  it('is a library', () => {
    const script = 'import("ghm-reweight").then((ghm) => console.log(Object.keys(ghm).sort().join(" ")))';
    expect(run('node', '--eval', script)).toMatch(/apply.*histogram.*merge.*reweight/);
  });

  it('brings no queue to those who want none, and says what one needs', () => {
    expect(existsSync(join(project, 'node_modules/bullmq'))).toBe(false);
    expect(() => run('npx', 'ghm', 'worker', '--redis', 'redis://localhost', '--root', '.')).toThrow(
      'ghm: a queue needs the packages bullmq and ioredis, which are not installed: npm install bullmq@6.7.0 ioredis@6.0.0',
    );
  });

  it('has types that hold without TensorFlow.js', () => {
    writeFileSync(
      join(project, 'consumer.mts'),
      `import { reweight, type Summary } from 'ghm-reweight';
      const summary: Summary = await reweight({ logits: 'x.npy', labels: 'y.npy', out: 'out', engine: 'tfjs' });
      const why: string | undefined = summary.engine?.backend?.why;
      console.log(why);\n`,
    );
    expect(typesOf('consumer.mts')).toBe('');
  });

  it('brings no TensorFlow.js to those who want none, and takes theirs for its losses', () => {
    expect(existsSync(join(project, 'node_modules/@tensorflow'))).toBe(false);
    const script = `import('ghm-reweight/tfjs').then(async ({ ghmcLoss, tensorBackend }) => {
      const { tf, backend, version } = await tensorBackend('cpu');
      const loss = ghmcLoss({ bins: 10 })(tf.tensor1d([1, 0, 0]), tf.tensor1d([2, -3, 1]));
      console.log(backend, version, loss.dataSync()[0].toFixed(4));
    })`;
    expect(() => run('node', '--eval', script)).toThrow(/Cannot find package '@tensorflow\/tfjs'/);
    expect(() => tensors('tfjs')).toThrow(
      'ghm: TensorFlow.js needs the package @tensorflow/tfjs, which is not installed or does not run here (npm install @tensorflow/tfjs@4.22.0)\n',
    );
    run('npm', 'install', '--no-audit', '--no-save', '@tensorflow/tfjs@4.22.0');
    expect(run('node', '--eval', script)).toBe('cpu 4.22.0 0.4963\n');
    writeFileSync(
      join(project, 'losses.mts'),
      `import * as tf from '@tensorflow/tfjs';
      import { ghmcLoss, ghmrLoss, type TensorLoss } from 'ghm-reweight/tfjs';
      const losses: TensorLoss[] = [ghmcLoss({ bins: 10 }), ghmrLoss({ mu: 0.02 })];
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
      model.compile({ optimizer: 'sgd', loss: losses[0] });\n`,
    );
    // TensorFlow.js's own declarations do not hold
    expect(typesOf('losses.mts', '--skipLibCheck')).toBe('');
  });

  it('computes on the native library where one loads, of the same version and no other', () => {
    // stands in for tfjs-node, whose library is not everywhere: a backend of its name, computed in JavaScript
    const standIn = (version: string): void => {
      const place = join(project, 'node_modules/@tensorflow/tfjs-node');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'package.json'), '{ "name": "@tensorflow/tfjs-node", "main": "index.js" }');
      writeFileSync(
        join(place, 'index.js'),
        `const tf = require('@tensorflow/tfjs');
        const { MathBackendCPU } = require('@tensorflow/tfjs-backend-cpu');
        tf.registerBackend('tensorflow', () => new MathBackendCPU(), 3);
        tf.copyRegisteredKernels('cpu', 'tensorflow');
        module.exports = { ...tf, version: { ...tf.version, 'tfjs-node': '${version}' } };`,
      );
    };
    standIn('4.22.0');
    const backend = {
      package: '@tensorflow/tfjs-node',
      backend: 'tensorflow',
      version: '4.22.0',
      why: '@tensorflow/tfjs-node is installed and its native library loads',
    };
    expect(tensors('tfjs-node').engine).toEqual({ name: 'tfjs-node', backend });
    expect(tensors('tfjs').engine).toEqual({ name: 'tfjs', backend });
    const densities = ['tensors', 'out'].map((out) => readFileSync(join(project, out, 'density.json'), 'utf8'));
    expect(densities[0]).toBe(densities[1]);

    standIn('4.21.0');
    const reason = 'it is 4.21.0 beside tfjs 4.22.0: install the same version';
    expect(() => tensors('tfjs-node')).toThrow(`ghm: @tensorflow/tfjs-node does not run here: ${reason}.`);
    const why = `@tensorflow/tfjs-node does not run here: ${reason}`;
    const plain = { package: '@tensorflow/tfjs', backend: 'cpu', version: '4.22.0', why };
    expect(tensors('tfjs').engine).toEqual({ name: 'tfjs', backend: plain });
  });

  it.each(['22', '24'])('runs on Node %s', (major) => {
    run('npm', 'install', '--no-audit', '--no-save', `node@${major}`);
    const node = join(project, 'node_modules/node/bin/node');
    expect(run(node, '--version')).toMatch(new RegExp(`^v${major}\\.`));
    const summary = JSON.parse(
      run(node, 'node_modules/ghm-reweight/dist/src/cli/main.js', 'demo', '--json', '--out', `out${major}`),
    );
    expect(readFileSync(join(project, `out${major}/density.json`))).toEqual(
      readFileSync(join(project, 'out/density.json')),
    );
    expect(summary.node).toMatch(new RegExp(`^v${major}\\.`));
  });
});
