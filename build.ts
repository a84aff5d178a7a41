// Builds `dist` from the sources: the command and the library, which share chunks, and the worker threads, each one file.
// Loading hundreds of small modules took half of a short run. Libraries among the devDependencies go into these files, with
// their licences beside them; those among the dependencies are left to npm.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const OUT = 'dist';

/** Files that a thread is started with. */
const THREADS = ['passes', 'tensor-passes', 'unpack', 'generate', 'bench'];

/** A file of its own, so that tests of the built command can hold its time still. */
const TEST_CLOCK = 'src/journal/step-clock.ts';

rmSync(OUT, { recursive: true, force: true });
const shared = {
  outdir: OUT,
  outbase: '.',
  bundle: true,
  target: 'node20.19',
  external: externals(),
  metafile: true,
  sourcemap: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;
const main = await build({
  ...shared,
  format: 'esm',
  entryPoints: ['src/cli/main.ts', 'src/index.ts', TEST_CLOCK],
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  platform: 'node',
  // libraries in CommonJS ask for Node's own modules this way
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});
// threads load their program by `require`: of a module, Node 20 aborts the whole process when the thread ends at the wrong moment
const threads = await build({
  ...shared,
  format: 'cjs',
  entryPoints: THREADS.map((name) => `workers/${name}.ts`),
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
});
// losses are for browsers too, which have none of Node's modules
const losses = await build({
  ...shared,
  format: 'esm',
  entryPoints: ['src/tfjs/index.ts'],
  platform: 'neutral',
  mainFields: ['module', 'main'],
});
writeFileSync(
  join(OUT, 'THIRD-PARTY-LICENSES.txt'),
  licencesOf([...new Set([main, threads, losses].flatMap(({ metafile }) => bundledPackages(metafile)))].sort()),
);

function externals(): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf('.');
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
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

/** Folders of the packages whose code is in the chunks. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
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
