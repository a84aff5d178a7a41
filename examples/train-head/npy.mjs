// As much of .npy as the sample needs: version 1, little-endian, C order.
import { readFileSync, writeFileSync } from 'node:fs';

const READERS = {
  '<f2': (bytes) => Float32Array.from(new Uint16Array(bytes), valueOfHalf),
  '<f4': (bytes) => new Float32Array(bytes),
  '<i4': (bytes) => new Int32Array(bytes),
  '<i8': (bytes) => Float32Array.from(new BigInt64Array(bytes), Number),
  '<u2': (bytes) => new Uint16Array(bytes),
  '|i1': (bytes) => new Int8Array(bytes),
  '|u1': (bytes) => new Uint8Array(bytes),
};

/** An array's numbers in its order. */
export function readNpy(path) {
  const file = readFileSync(path);
  const start = 10 + file.readUInt16LE(8);
  const [, descr] = /'descr': '([^']+)'/.exec(file.toString('latin1', 10, start));
  return READERS[descr](new Uint8Array(file.subarray(start)).buffer);
}

/** Writes a Float32Array or an Int32Array. */
export function writeNpy(path, numbers, shape) {
  const descr = numbers instanceof Int32Array ? '<i4' : '<f4';
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\0', 'latin1');
  header.writeUInt16LE(118, 8);
  header.write(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`, 10, 'latin1');
  header.write('\n', 127);
  writeFileSync(path, Buffer.concat([header, new Uint8Array(numbers.buffer)]));
}

function valueOfHalf(bits) {
  const fraction = bits & 0x3ff;
  const exponent = (bits >> 10) & 0x1f;
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}
