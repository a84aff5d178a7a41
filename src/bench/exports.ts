import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { path, type RawOptions } from '../options/fields.ts';
import { writeWhole } from '../sinks/staging.ts';
import { benchMarkdown } from './markdown.ts';
import type { BenchReport } from './report.ts';

/** Files that a report is written to; what is absent is not written. */
export interface BenchExports {
  readonly exportJson: string | undefined;
  readonly exportMarkdown: string | undefined;
  readonly exportSvg: string | undefined;
}

const FLAGS = { exportJson: '--export-json', exportMarkdown: '--export-markdown', exportSvg: '--export-svg' } as const;
const KEYS = ['exportJson', 'exportMarkdown', 'exportSvg'] as const;

/**
 * Looks at the files before anything is measured.
 *
 * @throws GhmError (usage) where one cannot be written, exists and `force` is not set, or would show nothing
 */
export function checkExports(raw: RawOptions, force: boolean, threads: readonly number[]): BenchExports {
  const [exportJson, exportMarkdown, exportSvg] = KEYS.map((key) => path(raw, key, 'a file to write'));
  const exports = { exportJson, exportMarkdown, exportSvg };
  const seen = new Map<string, string>();
  for (const key of KEYS) {
    const file = exports[key];
    if (file === undefined) continue;
    checkFile(FLAGS[key], file, force);
    const other = seen.get(resolve(file));
    if (other !== undefined) throw usageError(`${FLAGS[key]} ${file}: is the file of ${other}`);
    seen.set(resolve(file), FLAGS[key]);
  }
  if (exportSvg !== undefined && !threads.includes(1)) {
    throw usageError('--export-svg draws the speed-up against one thread: put 1 among the --threads');
  }
  return exports;
}

function checkFile(flag: string, file: string, force: boolean): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw usageError(`${flag} ${file}: expected a file to write, found a folder`);
  if (found && !force) throw usageError(`${flag}: ${file} exists already; use --force to replace it`);
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw usageError(`${flag} ${file}: expected a folder that exists, found none at ${folder}`);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw usageError(`${flag} ${file}: the folder ${folder} cannot be written`);
  }
}

/** Writes each file whole; the chart loads its drawing libraries here. Returns what was written. */
export async function writeExports(report: BenchReport, exports: BenchExports, force: boolean): Promise<string[]> {
  const written: string[] = [];
  const write = async (file: string | undefined, text: () => string | Promise<string>): Promise<void> => {
    if (file === undefined) return;
    await writeWhole(file, await text(), force);
    written.push(file);
  };
  await write(exports.exportJson, () => `${JSON.stringify(report, null, 2)}\n`);
  await write(exports.exportMarkdown, () => benchMarkdown(report));
  await write(exports.exportSvg, async () => (await import('../report/svg/speed-up.ts')).speedUpChart(report));
  return written;
}
