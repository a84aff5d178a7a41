declare module 'lz4js' {
  interface Lz4 {
    /** Decompresses a frame into `to`; returns how many bytes it holds, which may be more than there was room for. */
    decompressFrame(from: Uint8Array, to: Uint8Array): number;
    decompress(from: Uint8Array): Uint8Array;
    compress(from: Uint8Array): Uint8Array;
  }
  const lz4: Lz4;
  export default lz4;
}
