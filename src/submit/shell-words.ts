/** A word as a shell reads it, in quotes where it needs them. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Text that a shell reads as it is, such as a variable in double quotes. */
export interface ShellText {
  readonly shell: string;
}

const MOST_COLUMNS = 100;

/** A command on several lines, a flag with its values never torn apart. */
export function commandText(words: readonly (string | ShellText)[]): string {
  const lines: string[] = [];
  let line = '';
  for (const group of groupsOf(words)) {
    if (line !== '' && line.length + group.length >= MOST_COLUMNS) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? group : ` ${group}`;
  }
  return [...lines, line].join(' \\\n  ');
}

/** Each flag with what follows it. */
function groupsOf(words: readonly (string | ShellText)[]): string[] {
  const groups: string[] = [];
  for (const word of words) {
    const text = typeof word === 'string' ? quoted(word) : word.shell;
    const startsFlag = typeof word === 'string' && word.startsWith('--');
    const last = groups.at(-1);
    if (last === undefined || startsFlag || !last.startsWith('--')) groups.push(text);
    else groups[groups.length - 1] = `${last} ${text}`;
  }
  return groups;
}
