import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inputError } from '../errors.ts';
import { cannotRead, statInputFile } from './identity.ts';

const MOST_BYTES = 2 ** 28;

/** Whether `pattern` is a file that lists others: `@FILE`, unless there is a file of that very name. */
export const isFileList = (pattern: string, cwd: string): boolean =>
  pattern.length > 1 && pattern.startsWith('@') && !existsSync(resolve(cwd, pattern));

/**
 * The paths in a list, one a line, as they are: no globs, no comments. Blank lines are passed over.
 *
 * @throws inputError where the list or a file in it is missing, naming the line
 */
export function readFileList(pattern: string, option: string, cwd: string): string[] {
  const path = resolve(cwd, pattern.slice(1));
  const said = `${option} ${pattern}`;
  const { size } = statInputFile(path, said, 'a path a line');
  if (size > MOST_BYTES) throw inputError(`${said}: expected a list of at most ${MOST_BYTES} bytes, found ${size}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotRead(error, said);
  }
  const names: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    if (line.includes('\0')) throw inputError(`${said}: line ${i + 1}: expected a path, found a zero byte in it`);
    statInputFile(resolve(cwd, line), `${said}: line ${i + 1}: ${line}`);
    names.push(line);
  }
  if (names.length === 0) throw inputError(`${said}: lists no files; expected one path a line`);
  return names;
}
