type Arrow = typeof import('apache-arrow');

/** Lets apache-arrow read compressed files. */
export async function registerCodecs({ compressionRegistry, CompressionType }: Arrow): Promise<void> {
  const [{ decompress: decodeZstd }, { default: lz4 }] = await Promise.all([import('fzstd'), import('lz4js')]);
  compressionRegistry.set(CompressionType.ZSTD, { decode: (frame) => decodeZstd(frame) });
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (frame) => Uint8Array.from(lz4.decompress(frame)) });
}
