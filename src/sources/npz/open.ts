import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { GhmError, inputError } from '../../errors.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import { closeInput, type InputHandle, openInput, readUpTo } from '../input-handle.ts';
import { checkNpySize, NPY_PREFIX_BYTES, type NpyHeader, npyHeaderSpan, parseNpyHeader } from '../npy/header.ts';
import { axesOf } from '../npy/open.ts';
import { checkRatio, packedNpyHeader } from '../packed/first-bytes.ts';
import type { PackedArray, RawArray } from '../source.ts';

const STORED = 0;
const DEFLATED = 8;
const MOST_MEMBERS = 1_000_000;
const SUFFIX = '.npy';

/** A member of the archive that is an array. */
interface Member {
  readonly entry: Entry;
  /** Where its bytes begin. */
  readonly start: number;
}

/**
 * Opens an .npz: a zip archive of .npy files. Stored members are rows as they are, at an offset; deflated ones are
 * unpacked to the spool. Headers of members are read when they are asked for.
 *
 * @throws inputError where the archive is damaged, encrypted, or holds no arrays
 */
export async function openNpz(handle: InputHandle): Promise<Container> {
  const { path, name } = handle;
  const members = await membersOf(handle);
  if (members.size === 0) {
    throw inputError(
      `${name}: this zip archive holds no .npy arrays; expected an .npz. Save one with np.savez(path, logits=.., labels=..)`,
    );
  }
  const open = async (key: string) => {
    const member = members.get(key);
    if (member === undefined) throw new RangeError(`no member ${key}`);
    const own = openInput(path, name);
    try {
      return await arrayOf(own, key, member);
    } finally {
      closeInput(own);
    }
  };
  return { path, name, format: 'npz', layout: 'arrays', keys: [...members.keys()], open };
}

async function membersOf({ fd, name }: InputHandle): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  let archive: ZipFile;
  try {
    archive = await fromFdPromise(fd, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw damagedZip(name, error);
  }
  if (archive.entryCount > MOST_MEMBERS)
    throw inputError(`${name}: holds ${archive.entryCount} members; expected at most ${MOST_MEMBERS}`);
  try {
    for await (const entry of archive.eachEntry()) {
      if (!entry.fileName.endsWith(SUFFIX)) continue;
      const key = entry.fileName.slice(0, -SUFFIX.length);
      if (members.has(key)) throw inputError(`${name}: holds two members ${entry.fileName}; expected one of a name`);
      const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
      members.set(key, { entry, start: fileDataStart });
    }
  } catch (error) {
    throw damagedZip(name, error);
  }
  return members;
}

async function arrayOf(handle: InputHandle, key: string, { entry, start }: Member): Promise<RawArray | PackedArray> {
  const { path, stats } = handle;
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const name = arrayName(handle.name, key);
  if (entry.isEncrypted())
    throw inputError(`${name}: is encrypted; expected a plain member. Save the file again without`);
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw inputError(
      `${name}: compression method ${compressionMethod}: expected 0 (stored) or 8 (deflated). Save it with np.savez or np.savez_compressed`,
    );
  }
  if (start + compressedSize > stats.size) {
    throw inputError(
      `${name}: truncated: expected ${compressedSize} bytes at byte ${start}, found ${Math.max(0, stats.size - start)}. Was it copied or written to the end?`,
    );
  }
  const stored = compressionMethod === STORED;
  if (stored && compressedSize !== uncompressedSize)
    throw inputError(
      `${name}: damaged: a stored member of ${compressedSize} bytes says that it holds ${uncompressedSize}`,
    );
  const packing = { codec: 'deflate', offset: start, bytes: compressedSize } as const;
  if (!stored) checkRatio('deflate', compressedSize, uncompressedSize, name);
  const header = stored
    ? storedHeader(handle, start, compressedSize, name)
    : await packedNpyHeader(handle, packing, name);
  checkNpySize(header, uncompressedSize, name);
  const { dtype, bigEndian, shape, dataOffset } = header;
  const facts = {
    format: 'npz',
    path,
    name,
    dtype,
    bigEndian,
    shape,
    ...axesOf(shape),
    storedBytes: compressedSize,
    identity: identityFromStats(stats),
  } as const;
  if (stored) return { kind: 'raw', ...facts, dataOffset: start + dataOffset };
  return { kind: 'packed', ...facts, packing: { ...packing, headerBytes: dataOffset, crc32: entry.crc32 } };
}

function storedHeader(handle: InputHandle, start: number, size: number, name: string): NpyHeader {
  const prefix = readUpTo(handle, start, Math.min(NPY_PREFIX_BYTES, size));
  const { end } = npyHeaderSpan(prefix, name);
  return parseNpyHeader(readUpTo(handle, start, Math.min(end, size)), name);
}

/** yauzl's errors say what is wrong in plain words. */
function damagedZip(name: string, error: unknown): GhmError {
  if (error instanceof GhmError) return error;
  const what = error instanceof Error ? error.message : String(error);
  return inputError(`${name}: damaged zip archive: ${what}. Was it copied or written to the end?`);
}
