import { createRequire } from 'node:module';

/** Version of the package, from its package.json. */
export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('ghm-reweight/package.json');
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
