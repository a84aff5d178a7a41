import { crc32 } from 'node:zlib';
import { hex32 } from '../sinks/crc32.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const CRC_LENGTH = 8;

/** A record as a line: the CRC-32 of its JSON text, a space, the text. */
export function lineOf(json: string): Buffer {
  const text = Buffer.from(json);
  return Buffer.concat([Buffer.from(`${hex32(crc32(text))} `), text, Buffer.from('\n')]);
}

/** The records of a file of lines. */
export interface Lines {
  readonly records: readonly unknown[];
  /** Bytes of them: what follows is torn. */
  readonly bytes: number;
}

/** The records up to the first line that is torn or damaged: whatever a crash left behind it was not meant. */
export function linesOf(bytes: Uint8Array): Lines {
  const records: unknown[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    const record = recordOf(Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at));
    if (record === undefined) break;
    records.push(record);
    at = end + 1;
  }
  return { records, bytes: at };
}

function recordOf(line: Buffer): unknown {
  const text = line.subarray(CRC_LENGTH + 1);
  if (line[CRC_LENGTH] !== SPACE || line.toString('latin1', 0, CRC_LENGTH) !== hex32(crc32(text))) return undefined;
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
