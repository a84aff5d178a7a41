#!/usr/bin/env node
import { packageVersion } from '../package-files.ts';

// answered before anything is loaded: scripts ask for the version often
const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  process.stdout.write(`ghm ${packageVersion()}\n`);
} else {
  try {
    const { runCommandLine } = await import('./command-line.ts');
    process.exitCode = await runCommandLine(process.argv.slice(2));
  } catch (error) {
    // nothing is loaded that could tell it
    if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error;
    process.stderr.write(`ghm: ${error.message}; raise ulimit -n\n`);
    process.exitCode = 1;
  }
}
