import { existsSync, readFileSync } from 'node:fs';

/** Folder of this package's package.json, from the sources as from any file of the build. */
function packageRoot(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('../', folder);
  return folder;
}

/** A file that ships with the package, by its path below the package's root. */
export const packageFile = (path: string): URL => new URL(path, packageRoot());

/**
 * A file of the built workers. They run as built JavaScript also when this file runs as TypeScript, under the tests.
 */
export const workerFile = (name: string): URL => packageFile(`dist/workers/${name}`);

/** Version of this package, from its package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}
