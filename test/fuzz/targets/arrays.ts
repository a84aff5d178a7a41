import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { npy } from '../../run/npy-data.ts';
import { arrowOf } from '../../sources/arrow-files.ts';
import { safetensors } from '../../sources/safetensors-files.ts';
import { npz } from '../../sources/zip-files.ts';
import { ZSTD_NPY, zstdRaw } from '../../sources/zstd-files.ts';
import { readArrays } from '../read-arrays.ts';
import type { FuzzTarget } from '../target.ts';

const ROWS = 12;
const numbers = Array.from({ length: ROWS }, (_, i) => Math.sin(i));
const classes = numbers.map((_, i) => i % 3);
const logits = npy('float32', [ROWS, 2], [...numbers, ...numbers]);
const labels = npy('int64', [ROWS], classes);

const NPY_WORDS = ["'descr'", "'fortran_order'", "'shape'", '<f4', '>f8', '|b1', '<U5', '|V4', '(3,)', '()', '(2, 3)'];
const DTYPES = ['F16', 'BF16', 'F32', 'F64', 'I8', 'U8', 'I64', 'BOOL', 'F8_E4M3'];

const parquet = (name: string): Buffer =>
  readFileSync(new URL(`../../files/fuzz/seeds/${name}.parquet`, import.meta.url));

const table = (codec?: 'lz4' | 'zstd'): Buffer =>
  arrowOf(
    {
      logit_0: arrow.makeVector(Float32Array.from(numbers)),
      logit_1: arrow.makeVector(Float64Array.from(numbers)),
      labels: arrow.vectorFromArray(
        classes.map((value) => (value === 2 ? null : value)),
        new arrow.Int8(),
      ),
      rows: arrow.vectorFromArray(
        numbers.map((value) => [value, 1]),
        new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
      ),
      names: arrow.vectorFromArray(classes.map(String), new arrow.Utf8()),
    },
    7,
    codec,
  );

/** The header of a .safetensors file with the length in front of it that it has. */
function withLength(input: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(input);
  const end = bytes.indexOf('}}', 8) + 2;
  if (bytes.length < 8 || end < 10) return [];
  bytes.writeBigUInt64LE(BigInt(end - 8));
  return [bytes];
}

const TABLE = 'logit_0,logit_1,labels\n1.5,-2,0\n-0.25,1e3,1\n,nan,2\n';
const LINES = '{"logit_0":1.5,"logit_1":-2,"labels":0}\n{"logit_0":null,"logit_1":1e3,"labels":1}\n';

export const ARRAYS: readonly FuzzTarget[] = [
  { name: 'npy', file: 'x.npy', seeds: () => [logits, labels], words: NPY_WORDS, read: readArrays },
  {
    name: 'npz',
    file: 'x.npz',
    seeds: () => [npz({ logits, labels }), npz({ logits, labels }, true)],
    words: [...NPY_WORDS, 'PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', '.npy'],
    read: readArrays,
  },
  { name: 'gzip', file: 'x.npy.gz', seeds: () => [gzipSync(logits), gzipSync(labels)], read: readArrays },
  { name: 'zstd', file: 'x.npy.zst', seeds: () => [ZSTD_NPY, zstdRaw(logits)], read: readArrays },
  {
    name: 'safetensors',
    file: 'x.safetensors',
    seeds: () => [
      safetensors(
        {
          logits: { dtype: 'F32', shape: [ROWS], data: new Uint8Array(Float32Array.from(numbers).buffer) },
          labels: { dtype: 'I64', shape: [ROWS, 1], data: new Uint8Array(8 * ROWS) },
        },
        { format: 'pt' },
      ),
    ],
    mended: withLength,
    words: [...DTYPES, '"dtype"', '"shape"', '"data_offsets"', '"__metadata__"'],
    read: readArrays,
  },
  {
    name: 'arrow',
    file: 'x.arrow',
    seeds: () => [table(), table('lz4'), table('zstd')],
    words: ['ARROW1', '\xff\xff\xff\xff'],
    read: readArrays,
  },
  { name: 'parquet', file: 'x.parquet', seeds: () => [parquet('plain'), parquet('zstd')], read: readArrays },
  { name: 'csv', file: 'x.csv', seeds: () => [Buffer.from(TABLE)], read: readArrays },
  { name: 'tsv', file: 'x.tsv', seeds: () => [Buffer.from(TABLE.replaceAll(',', '\t'))], read: readArrays },
  { name: 'jsonl', file: 'x.jsonl', seeds: () => [Buffer.from(LINES)], read: readArrays },
];
