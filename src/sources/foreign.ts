interface Foreign {
  readonly what: string;
  readonly advice: string;
  readonly matches: (head: Uint8Array) => boolean;
}

const startsWith =
  (...magics: string[]) =>
  (head: Uint8Array): boolean =>
    magics.some((magic) => Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic);

const toNpy = 'not supported yet; save each of its arrays with np.save';

const FOREIGN: readonly Foreign[] = [
  { what: 'an HDF5 file', advice: toNpy, matches: startsWith('\x89HDF\r\n\x1a\n') },
  { what: 'a Parquet file', advice: toNpy, matches: startsWith('PAR1') },
  { what: 'an Arrow file', advice: toNpy, matches: startsWith('ARROW1') },
  {
    what: 'a Python pickle',
    advice: 'never read, because reading one runs its code; save a numeric array with np.save',
    matches: startsWith('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'),
  },
  {
    what: 'a Git LFS pointer',
    advice: 'not the data; fetch them with git lfs pull',
    matches: startsWith('version https://git-lfs'),
  },
];

/** What a file of no format that is read looks like by its first bytes (24 are enough), and what to do; `null` if unknown. */
export function recogniseForeign(head: Uint8Array): string | null {
  const foreign = FOREIGN.find(({ matches }) => matches(head));
  return foreign === undefined ? null : `this is ${foreign.what}: ${foreign.advice}`;
}
