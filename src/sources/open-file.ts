import { inputError } from '../errors.ts';
import type { Container } from './container.ts';
import type { InputFile } from './discover.ts';
import { recogniseForeign } from './foreign.ts';
import { closeInput, type InputHandle, openInput } from './input-handle.ts';
import { NPY_MAGIC } from './npy/header.ts';
import { readNpy } from './npy/open.ts';
import { isSafetensors } from './safetensors/magic.ts';

/** A format that a file can have. The first that fits is taken: by content, and where that does not tell, by name. */
interface FileFormat {
  /** `head` are the first bytes, 512 at most. */
  readonly fits: (head: Uint8Array, name: string) => boolean;
  /** Readers but that of .npy are loaded when a file asks for them. */
  readonly open: (handle: InputHandle, signal?: AbortSignal) => Container | Promise<Container>;
}

const FORMATS: readonly FileFormat[] = [
  { fits: (head) => NPY_MAGIC.every((byte, i) => head[i] === byte), open: openNpyFile },
  {
    fits: isSafetensors,
    open: async (handle) => (await import('./safetensors/open.ts')).openSafetensors(handle),
  },
  {
    fits: startsWith('PK\x03\x04', 'PK\x05\x06', '.npz'),
    open: async (handle) => (await import('./npz/open.ts')).openNpz(handle),
  },
  {
    fits: startsWith('\x1f\x8b', '.npy.gz'),
    open: async (handle) => (await import('./packed/open.ts')).openPacked(handle, 'gzip'),
  },
  {
    fits: startsWith('\x28\xb5\x2f\xfd', '.npy.zst'),
    open: async (handle) => (await import('./packed/open.ts')).openPacked(handle, 'zstd'),
  },
  {
    fits: startsWith('PAR1', '.parquet'),
    open: async (handle) => (await import('./parquet/open.ts')).openParquet(handle),
  },
  {
    fits: startsWith('ARROW1', '.arrow'),
    open: async (handle) => (await import('./arrow/open.ts')).openArrow(handle),
  },
  // text has no magic
  { fits: (_, name) => /\.(?:csv|tsv)$/i.test(name), open: (handle, signal) => openTextFile(handle, 'csv', signal) },
  {
    fits: (_, name) => /\.(?:jsonl|ndjson)$/i.test(name),
    open: (handle, signal) => openTextFile(handle, 'jsonl', signal),
  },
  // what is cut off in its magic is told so
  { fits: (_, name) => name.endsWith('.npy'), open: openNpyFile },
];

function startsWith(...magics: string[]): FileFormat['fits'] {
  const suffix = magics.pop() ?? '';
  return (head, name) => {
    const start = Buffer.from(head.subarray(0, 8)).toString('latin1');
    return magics.some((magic) => start.startsWith(magic)) || name.endsWith(suffix);
  };
}

/**
 * Opens an input of any format: reads headers, never data, and closes it again.
 *
 * @throws `interrupted` where the signal says so, while a large file of text is read; inputError where the file is missing, a folder, a pipe, unreadable, empty, damaged or of no known format
 */
export async function openFile({ path, name }: InputFile, signal?: AbortSignal): Promise<Container> {
  const handle = openInput(path, name, 'arrays');
  try {
    const format = FORMATS.find(({ fits }) => fits(handle.head, name));
    if (format === undefined) throw unknownFormat(handle);
    return await format.open(handle, signal);
  } finally {
    closeInput(handle);
  }
}

const openTextFile = async (handle: InputHandle, format: 'csv' | 'jsonl', signal?: AbortSignal): Promise<Container> =>
  (await import('./text/open.ts')).openText(handle, format, signal);

function openNpyFile(handle: InputHandle): Container {
  const array = readNpy(handle);
  const { path, name, format } = array;
  return { path, name, format, layout: 'array', keys: [], open: () => array };
}

function unknownFormat({ head, name }: InputHandle): Error {
  const foreign = recogniseForeign(head);
  if (foreign !== null) return inputError(`${name}: ${foreign}`);
  const start = [...head.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return inputError(
    `${name}: not a format that is known: expected .npy, .npz or .safetensors, found a file that begins ${start}`,
  );
}
