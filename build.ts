// Builds `dist` from the sources: the command and the library, which share chunks, and the worker threads, each one file.
// Loading hundreds of small modules took half of a short run, and dozens of chunks a tenth of it: what several parts of the
// program need is one chunk, and heavy libraries have theirs. Libraries among the devDependencies go into these files, with
// their licences beside them; those among the dependencies are left to npm.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type RolldownOutput } from 'rolldown';

const OUT = 'dist';
const COMMAND = 'src/cli/main';

/** Files that a thread is started with. */
const THREADS = ['passes', 'tensor-passes', 'unpack', 'generate', 'bench'];

/** To be had by itself, so that tests of the built command can hold its time still. */
const TEST_CLOCK = 'src/journal/step-clock';

/** All that `ghm --version` needs. */
const OF_VERSION = 'src/package-files';

rmSync(OUT, { recursive: true, force: true });
const shared = {
  external: externals(),
  platform: 'node',
  transform: { target: 'node20.19' },
  checks: { ineffectiveDynamicImport: false },
  // it says that it has none, and adds its writer to streams of Node as it is loaded
  treeshake: { moduleSideEffects: [{ test: /node_modules\/apache-arrow\//, sideEffects: true }] },
} as const satisfies BuildOptions;
const main = await build({
  ...shared,
  input: inputs([COMMAND, 'src/index', TEST_CLOCK]),
  output: {
    dir: OUT,
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    hashCharacters: 'base36',
    codeSplitting: {
      groups: [
        { name: 'package-files', test: `${OF_VERSION}.ts`, priority: 1 },
        { name: 'core', test: (path) => !path.includes('node_modules'), minShareCount: 3 },
      ],
    },
  },
});
chmodSync(join(OUT, `${COMMAND}.js`), 0o755);
// threads load their program by `require`: of a module, Node 20 aborts the whole process when the thread ends at the wrong moment
const threads = await Promise.all(
  THREADS.map((name) =>
    build({
      ...shared,
      input: inputs([`workers/${name}`]),
      output: { dir: OUT, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    }),
  ),
);
// losses are for browsers too, which have none of Node's modules
const losses = await build({
  ...shared,
  input: inputs(['src/tfjs/index']),
  output: { dir: OUT, format: 'esm' },
  platform: 'neutral',
});
writeFileSync(
  join(OUT, 'THIRD-PARTY-LICENSES.txt'),
  licencesOf([...new Set([main, ...threads, losses].flatMap(bundledPackages))].sort()),
);

/** Each file by the name that it has in `dist`, too. */
function inputs(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${name}.ts`]));
}

function externals(): RegExp[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf('.');
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return names.map((name) => new RegExp(`^${name}(?:/|$)`));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Folders of the packages whose code is in the files. */
function bundledPackages({ output }: RolldownOutput): string[] {
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const folders = modules.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

function licencesOf(folders: readonly string[]): string {
  const texts = folders.map((folder) => {
    const { name, version, license } = manifestOf(folder);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `${license ?? ''}\n` : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return `This package contains code of the following libraries.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
