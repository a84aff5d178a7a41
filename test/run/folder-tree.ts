import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Everything below a folder, hidden files too: path and content (or kind) of each. */
export function treeOf(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    if (stats.isDirectory()) tree[name] = 'folder';
    else if (stats.isSymbolicLink()) tree[name] = `-> ${readlinkSync(path)}`;
    else if (stats.isFile()) tree[name] = createHash('sha256').update(readFileSync(path)).digest('hex');
    else tree[name] = 'special';
  }
  return tree;
}

/** The outputs that have to be equal bytes for equal input, whatever the circumstances of the run. */
export function lastingOutputs(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(treeOf(folder)).filter(([path]) => path !== 'summary.json' && path !== 'report.html'),
  );
}
