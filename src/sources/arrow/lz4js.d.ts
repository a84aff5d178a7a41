declare module 'lz4js' {
  /** Decompresses an LZ4 frame into `to`; returns how many bytes it holds, which may be more than there was room for. */
  export function decompressFrame(from: Uint8Array, to: Uint8Array): number;
  export function decompress(from: Uint8Array): Uint8Array;
  export function compress(from: Uint8Array): Uint8Array;
}
