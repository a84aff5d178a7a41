import { crc32 } from 'node:zlib';
import { npyHeader } from '../sources/npy/header.ts';
import { DTYPE_BYTES } from '../sources/source.ts';
import { combineCrc32 } from './crc32.ts';
import type { OutputArray, RawFrame } from './raw-frame.ts';

/** Where a 32-bit field holds this, the value stands in a zip64 field. */
const IN_ZIP64 = 0xffff_ffff;
const VERSION = 20;
const ZIP64_VERSION = 45;
const UNIX = 3 << 8;
/** 1 January 1980, as NumPy writes it: equal runs give equal bytes. */
const DATE = 0x21;
const ATTRIBUTES = 0o100644 * 2 ** 16;

/** What the headers say of the one member. */
interface Member {
  readonly name: Buffer;
  readonly crc32: number;
  readonly bytes: number;
}

/**
 * An `.npz` file of one stored member, `NAME.npy`, with zip64 fields only where sizes need them. Written here and not by a
 * zip library, because those take the content as one stream: the rows would go through one thread, and a second time.
 */
export function npzFrame({ name, dtype, shape }: OutputArray, rowsCrc32: number): RawFrame {
  const header = npyHeader(shape, dtype);
  const rowBytes = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
  const member: Member = {
    name: Buffer.from(`${name}.npy`),
    crc32: combineCrc32(crc32(header), rowsCrc32, rowBytes),
    bytes: header.length + rowBytes,
  };
  const local = localHeader(member);
  const directory = directoryEntry(member);
  const tail = [directory, endRecords(directory.length, local.length + member.bytes)];
  return { head: Buffer.concat([local, header]), tail: Buffer.concat(tail) };
}

/** Fields of these many bytes, little-endian. */
function record(...fields: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  const into = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 8) into.writeBigUInt64LE(BigInt(value), at);
    else into.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return into;
}

const isLarge = (value: number): boolean => value >= IN_ZIP64;
const small = (value: number): number => Math.min(value, IN_ZIP64);

/** Both sizes, where one does not fit into 32 bits; a stored member has the same size twice. */
const zip64Sizes = ({ bytes }: Member): Buffer =>
  isLarge(bytes) ? record([2, 1], [2, 16], [8, bytes], [8, bytes]) : Buffer.alloc(0);

function localHeader(member: Member): Buffer {
  const extra = zip64Sizes(member);
  const fields = record(
    [4, 0x0403_4b50],
    [2, isLarge(member.bytes) ? ZIP64_VERSION : VERSION],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, member.crc32],
    [4, small(member.bytes)],
    [4, small(member.bytes)],
    [2, member.name.length],
    [2, extra.length],
  );
  return Buffer.concat([fields, member.name, extra]);
}

function directoryEntry(member: Member): Buffer {
  const extra = zip64Sizes(member);
  const version = isLarge(member.bytes) ? ZIP64_VERSION : VERSION;
  const fields = record(
    [4, 0x0201_4b50],
    [2, UNIX + version],
    [2, version],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, member.crc32],
    [4, small(member.bytes)],
    [4, small(member.bytes)],
    [2, member.name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, ATTRIBUTES],
    [4, 0],
  );
  return Buffer.concat([fields, member.name, extra]);
}

/** End of the central directory, which has one entry of `length` bytes at `offset`. */
function endRecords(length: number, offset: number): Buffer {
  const end = record([4, 0x0605_4b50], [2, 0], [2, 0], [2, 1], [2, 1], [4, length], [4, small(offset)], [2, 0]);
  if (!isLarge(offset)) return end;
  const zip64End = record(
    [4, 0x0606_4b50],
    [8, 44],
    [2, UNIX + ZIP64_VERSION],
    [2, ZIP64_VERSION],
    [4, 0],
    [4, 0],
    [8, 1],
    [8, 1],
    [8, length],
    [8, offset],
  );
  const locator = record([4, 0x0706_4b50], [4, 0], [8, offset + length], [4, 1]);
  return Buffer.concat([zip64End, locator, end]);
}
