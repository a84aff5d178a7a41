/** A tensor as the header names it; its data are zeros unless given. */
export interface TensorSpec {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A .safetensors file around any header text, written without the code under test. */
export function framed(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

/** A .safetensors file as the official package writes it: the tensors one after the other, the header padded to 8. */
export function safetensors(
  tensors: Readonly<Record<string, TensorSpec>>,
  metadata?: Readonly<Record<string, string>>,
) {
  let at = 0;
  const entries = Object.entries(tensors).map(([key, { dtype, shape, data }]) => {
    const data_offsets = [at, at + data.length];
    at += data.length;
    return [key, { dtype, shape, data_offsets }];
  });
  const header = JSON.stringify({ ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) });
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  return framed(padded, Buffer.concat(Object.values(tensors).map(({ data }) => data)));
}

/** A tensor of zeros. */
export const zeroTensor = (dtype: string, bytes: number, ...shape: number[]): TensorSpec => ({
  dtype,
  shape,
  data: new Uint8Array(shape.reduce((a, b) => a * b, bytes)),
});
