import { crc32, deflateRawSync } from 'node:zlib';

/** A member of a zip archive; what is given beside its name and data is said in the headers whether true or not. */
export interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  /** Default: the data as they are. */
  readonly deflated?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly crc?: number;
  readonly localOffset?: number;
}

/** A zip archive, written without the code under test. */
export function zip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const packed = member.deflated ? deflateRawSync(member.data) : Buffer.from(member.data);
    const name = Buffer.from(member.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(member.flags ?? 0, 2);
    fields.writeUInt16LE(member.method ?? (member.deflated ? 8 : 0), 4);
    fields.writeUInt32LE(member.crc ?? crc32(member.data), 10);
    fields.writeUInt32LE(member.packedSize ?? packed.length, 14);
    fields.writeUInt32LE(member.size ?? member.data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(member.localOffset ?? at, 10);
    central.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, rest, name);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed]);
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** An .npz of these .npy files. */
export const npz = (arrays: Readonly<Record<string, Uint8Array>>, deflated = false): Buffer =>
  zip(Object.entries(arrays).map(([key, data]) => ({ name: `${key}.npy`, data, deflated })));
