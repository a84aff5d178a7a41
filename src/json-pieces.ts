/** Elements of a list that become text at once. */
const ELEMENTS = 1000;

/**
 * The JSON text of an object, that of JSON.stringify, piece by piece: its lists may be of hundreds of thousands.
 *
 * @param indent spaces a level; 0: all in one line, without any
 */
export function* jsonPieces(object: unknown, indent = 0): Generator<string> {
  const line = indent === 0 ? '' : `\n${' '.repeat(indent)}`;
  let before = '{';
  for (const [key, field] of Object.entries(Object(object))) {
    const isLong = Array.isArray(field) && field.length > ELEMENTS;
    const text = isLong ? '' : JSON.stringify(field, null, indent);
    // JSON has no such value
    if (text === undefined) continue;
    yield `${before}${line}${JSON.stringify(key)}:${indent === 0 ? '' : ' '}${text.replaceAll('\n', line)}`;
    if (isLong) yield* listPieces(field, indent, line);
    before = ',';
  }
  yield before === '{' ? '{}' : indent === 0 ? '}' : '\n}';
}

function* listPieces(list: readonly unknown[], indent: number, line: string): Generator<string> {
  for (let i = 0; i < list.length; i += ELEMENTS) {
    const text = JSON.stringify(list.slice(i, i + ELEMENTS), null, indent);
    const elements = text.slice(1, indent === 0 ? -1 : -2);
    yield (i === 0 ? '[' : ',') + elements.replaceAll('\n', line);
  }
  yield `${line}]`;
}
