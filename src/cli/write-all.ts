import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Breathe } from '../breath.ts';

/** Characters that are written at once. */
const BLOCK = 1 << 16;

/** Writes pieces of text as fast as they are read at the other end; when nobody reads any more, no more of them. */
export async function writeAll(stream: Writable, text: Iterable<string>, breathe: Breathe): Promise<void> {
  let block = '';
  const write = async (): Promise<void> => {
    if (!stream.write(block) && stream.writable) await once(stream, 'drain', { signal: breathe.signal }).catch(ignore);
    block = '';
  };
  for (const piece of text) {
    block += piece;
    if (block.length < BLOCK) continue;
    await write();
    if (!stream.writable) return;
    await breathe();
  }
  if (block !== '') await write();
}

/** An error of the stream is for those who listen to it; a signal is seen at the next breath. */
const ignore = (): void => {};
