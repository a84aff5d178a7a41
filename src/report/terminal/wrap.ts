/** Indent of what goes on from the line before. */
const INDENT = '  ';

/** A line cut between words into lines no longer than `width`; a longer word, such as a path, stays whole. */
export function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const lines: string[] = [];
  let last = '';
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if (last !== '' && last.length + word.length > width) {
      lines.push(last);
      last = INDENT + word.trimStart();
    } else {
      last += word;
    }
  }
  return [...lines, last];
}
