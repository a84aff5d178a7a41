import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

interface Packed {
  readonly path: string;
  readonly size: number;
}

interface Locked {
  readonly link?: boolean;
  readonly integrity?: string;
}

const manifest: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(read('package.json'));
const LISTS = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'];

/** All that a package of ours may hold. */
const CONTENT = [
  /^(?:LICENSE|README\.md|package\.json|dist\/THIRD-PARTY-LICENSES\.txt|dist\/workers\/kernels\.wasm)$/,
  /^dist\/(?:src|workers)\/(?:[\w-]+\/)*[\w-]+\.d\.ts$/,
  /^dist\/src\/(?:index|cli\/main|tfjs\/index)\.js$/,
  /^dist\/workers\/[\w-]+\.cjs$/,
  /^dist\/chunks\/[\w.-]+-[a-z0-9]{8}\.js$/,
  /^examples\/bccd\/(?:README\.md|golden\.json|(?:logits|labels|label_weights|level|image_id)\.npy)$/,
];
/** Packed as a .tgz; a change of this is one to think about. */
const MOST_BYTES = 2_500_000;

describe('the contents of the package', () => {
  const [pack] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--silent', '--ignore-scripts'], {
      cwd: repository,
      encoding: 'utf8',
    }),
  ) as [{ size: number; files: Packed[] }];

  it('are what is listed here, and no larger', () => {
    const stray = pack.files.filter(({ path }) => !CONTENT.some((pattern) => pattern.test(path)));
    expect(stray.map(({ path }) => path)).toEqual([]);
    expect(pack.size).toBeLessThan(MOST_BYTES);
  });

  it('say nothing of the machine that made them', () => {
    const told = pack.files.filter(({ path }) => readFileSync(join(repository, path)).includes(repository));
    expect(told.map(({ path }) => path)).toEqual([]);
  });

  it('run nothing at an install', () => {
    const scripts = Object.keys(manifest.scripts);
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'dependencies'];
    expect(scripts.filter((name) => hooks.includes(name))).toEqual([]);
    // npm would build it by itself
    expect(pack.files.filter(({ path }) => path.endsWith('binding.gyp'))).toEqual([]);
  });
});

describe('dependencies', () => {
  const direct = LISTS.flatMap((list) => Object.entries(manifest[list] ?? {}));

  it('are each justified in the README, and no other', () => {
    const section = /\n### Dependencies\n(.*?)\n##/s.exec(read('README.md'))?.[1] ?? '';
    const listed = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    const names = new Set(direct.filter(([, version]) => !version.startsWith('file:')).map(([name]) => name));
    expect([...listed].sort()).toEqual([...names].sort());
  });

  it('are of one version each, and locked with the hash of their content', () => {
    for (const [name, version] of direct)
      expect(`${name} ${version}`).toMatch(/^\S+ (?:\d+\.\d+\.\d+[\w.-]*|file:\S+)$/);
    const lock: { packages: Readonly<Record<string, Locked>> } = JSON.parse(read('package-lock.json'));
    const loose = Object.entries(lock.packages).filter(
      ([path, { link, integrity }]) => path.startsWith('node_modules/') && !link && !integrity?.startsWith('sha512-'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('that ship have no known vulnerability', ({ skip }) => {
    const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: repository, encoding: 'utf8' });
    const audit: { vulnerabilities?: Readonly<Record<string, object>> } = JSON.parse(stdout || '{}');
    const { vulnerabilities } = audit;
    if (vulnerabilities === undefined) return skip(`npm audit has no answer here: ${stderr.split('\n')[0]}`);
    // what is bundled is a development dependency to npm
    const bundled = [...read('dist/THIRD-PARTY-LICENSES.txt').matchAll(/^(@?[a-z][\w./-]*) \d+\.\d+\.\d+\S*$/gm)];
    const shipped = new Set([
      ...bundled.map(([, name]) => name),
      'piscina',
      ...Object.keys(manifest.optionalDependencies),
    ]);
    expect(shipped.size).toBeGreaterThan(20);
    expect(Object.keys(vulnerabilities).filter((name) => shipped.has(name))).toEqual([]);
  });
});
