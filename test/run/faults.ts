import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Wraps what the file layer of a process and its threads stands on. `faults` may have functions `open(path, flags)`,
 * `read(path, position, length)` and `write(path, position, length)`: what they throw is what the call throws; a number
 * that `read` or `write` returns is how many bytes are let through at most.
 */
const PREAMBLE = `
'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');
const faults = {};
const paths = new Map();
const systemError = (code, call) => Object.assign(new Error(code + ': made up for a test, ' + call), { code, syscall: call });
const { openSync, readSync, writeSync } = fs;
fs.openSync = (path, flags, ...rest) => {
  if (faults.open) faults.open(String(path), flags);
  const fd = openSync(path, flags, ...rest);
  paths.set(fd, String(path));
  return fd;
};
fs.readSync = (fd, buffer, offset, length, position) => {
  const most = faults.read ? faults.read(paths.get(fd) ?? '', position, length) : undefined;
  return readSync(fd, buffer, offset, most === undefined ? length : Math.min(most, length), position);
};
fs.writeSync = (fd, buffer, offset, length, position) => {
  const most = faults.write ? faults.write(paths.get(fd) ?? '', position, length) : undefined;
  if (typeof buffer === 'string') return writeSync(fd, buffer, offset, length);
  return writeSync(fd, buffer, offset, most === undefined ? length : Math.min(most, length), position);
};
`;
const END = `
require('node:module').syncBuiltinESMExports();
`;

/** A script, to be required before any other, that breaks the file layer as `body` says. */
export function faultScript(body: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ghm-faults-')), 'faults.cjs');
  writeFileSync(path, PREAMBLE + body + END);
  return path;
}
