import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NpyDtype } from '../../src/sources/npy/descr.ts';
import { npyHeader } from '../../src/sources/npy/header.ts';
import { DTYPE_BYTES } from '../../src/sources/source.ts';

/** An .npy file by hand: `text` as the header of `version`, then `data` zero bytes. */
export function npyOf(text: string, data = 0, version = 1): Uint8Array {
  const header = Buffer.from(text, version === 3 ? 'utf-8' : 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.of(version, 0), length, header, Buffer.alloc(data)]);
}

/** The header text of `shape` as Python writes it. */
export const headerText = (descr: string, shape = '(2, 3)', fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

/** An .npy file of zeros. */
export function zeros(dtype: NpyDtype, ...shape: number[]): Uint8Array {
  return Buffer.concat([npyHeader(shape, dtype), Buffer.alloc(shape.reduce((a, b) => a * b, DTYPE_BYTES[dtype]))]);
}

/** A new folder (its real path) that is removed when the test ends, with the given files in it. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ghm-sources-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
