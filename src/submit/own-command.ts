import { fileURLToPath } from 'node:url';
import { packageFile } from '../package-files.ts';
import { quoted } from './shell-words.ts';

/** What starts this very `ghm`, with this very Node, as a shell reads it. */
export const ownCommand = (): string =>
  [process.execPath, fileURLToPath(packageFile('dist/src/cli/main.js'))].map(quoted).join(' ');
