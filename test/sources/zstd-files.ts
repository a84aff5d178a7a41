const MAGIC = Buffer.from('28b52ffd', 'hex');
const MOST_BLOCK = 128 * 1024;

/** A zstd frame of raw blocks, without a checksum, with a window of 1 MiB. */
export function zstdRaw(data: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length || at === 0; at += MOST_BLOCK) {
    const block = data.subarray(at, at + MOST_BLOCK);
    const last = at + MOST_BLOCK >= data.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE(block.length * 8 + Number(last), 0, 3);
    blocks.push(head, Buffer.from(block));
  }
  return Buffer.concat([MAGIC, Buffer.of(0, 10 << 3), ...blocks]);
}

/** `np.arange(600, dtype='<f4').reshape(200, 3) % 7` in .npy, as `zstd -19` of zstd 1.5 packs it, with a checksum. */
export const ZSTD_NPY = Buffer.from(
  'KLUv/WTgCD0DAAQFk05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZUZhbHNlc2hhcGUnOiAoMjAwLCAzKSwgfSAKAIA/AAAAQAAAQICgwEAIIDA1HUF5PgIMQATnCyMnEzQ22GVvgkXs',
  'base64',
);
