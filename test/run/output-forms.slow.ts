import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GhmError } from '../../src/errors.ts';
import { apply, histogram, type ReweightOptions, reweight } from '../../src/index.ts';
import { HAS_NUMPY, inNumPy } from '../sinks/numpy.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { npy, readFloats } from './npy-data.ts';

const sample = {
  logits: join(SAMPLE, 'logits.npy'),
  labels: join(SAMPLE, 'labels.npy'),
  labelWeights: join(SAMPLE, 'label_weights.npy'),
};

/** Region numbers of a `.code.npy` file. */
function readCodes(path: string): Uint8Array {
  const file = readFileSync(path);
  const start = 10 + file.readUInt16LE(8);
  expect(file.toString('latin1', 10, start)).toContain("'descr': '|u1'");
  return file.subarray(start);
}

/** Weights of codes by the table beside them. */
const decoded = (folder: string, name: string): number[] => {
  const table = readFloats(join(folder, 'code-table.npy')).values;
  return Array.from(readCodes(join(folder, `${name}.code.npy`)), (code) => table[code]);
};

async function failure(options: ReweightOptions): Promise<{ exitCode: number; message: string }> {
  try {
    await reweight(options);
  } catch (error) {
    if (error instanceof GhmError) return { exitCode: error.exitCode, message: error.message };
    throw error;
  }
  return { exitCode: 0, message: '' };
}

describe.each(['npy', 'npz', 'safetensors'] as const)('--format %s', (format) => {
  it.each(['float32', 'float16', 'code'] as const)(
    'holds the rows that npy holds, %s, with its CRC-32',
    async (dtype) => {
      const folder = folderOf({});
      const plain = await reweight({ ...sample, outputDtype: dtype, out: join(folder, 'plain') });
      const run = await reweight({ ...sample, format, outputDtype: dtype, out: join(folder, 'out'), threads: 2 });

      const array = dtype === 'code' ? 'code' : 'beta';
      const [{ path, ...written }] = run.outputs;
      expect(path).toBe(`logits.${array}.${format}`);
      const file = readFileSync(join(folder, 'out', path));
      expect(written).toEqual({ bytes: file.length, crc32: crc32(file).toString(16).padStart(8, '0') });

      const wanted = readFileSync(join(folder, 'plain', `logits.${array}.npy`));
      const rows = wanted.subarray(10 + wanted.readUInt16LE(8));
      expect(file.includes(rows)).toBe(true);
      expect(run.density).toEqual(plain.density);
    },
  );
});

describe('--format npz', () => {
  it.skipIf(!HAS_NUMPY)('is read by np.load, each part with its shape, and its checksums are right', async () => {
    const folder = folderOf({
      'in/a.npy': npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]),
      'in/a-labels.npy': npy('int64', [3], [2, 0, -1]),
      'in/b.npy': npy('float16', [4], [-3, 0, 0.5, 5]),
      'in/b-labels.npy': npy('uint8', [4], [0, 1, 0, 0]),
      'in/empty.npy': npy('float32', [0, 2], []),
      'in/empty-labels.npy': npy('int64', [0], []),
    });
    const inputs = ['--logits', 'in/*[!s].npy', '--labels', 'in/*-labels.npy'];
    const npz = await runGhm(['reweight', ...inputs, '--out', 'npz', '--format', 'npz', '--quiet'], folder);
    expect(npz).toMatchObject({ exitCode: 0, stderr: '' });
    await runGhm(['reweight', ...inputs, '--out', 'npy', '--quiet'], folder);
    const script = `
import zipfile
read = lambda name: (lambda z: z['beta'])(np.load(f'{sys.argv[1]}/npz/{name}.beta.npz'))
same = [bool(np.array_equal(read(n), np.load(f'{sys.argv[1]}/npy/{n}.beta.npy'))) for n in ['a', 'b', 'empty']]
bad = [zipfile.ZipFile(f'{sys.argv[1]}/npz/{n}.beta.npz').testzip() for n in ['a', 'b', 'empty']]
print(json.dumps([same, bad, [list(read(n).shape) for n in ['a', 'b', 'empty']], str(read('a').dtype)]))`;
    expect(inNumPy(script, folder)).toEqual([[true, true, true], [null, null, null], [[3, 2], [4], [0, 2]], 'float32']);
  });
});

describe('--output-dtype code', () => {
  const codes = { ...sample, outputDtype: 'code' } as const;

  it.each([1, 30, 255])('decodes to the very weights, M = %i, whether reweight or apply writes it', async (bins) => {
    const folder = folderOf({});
    const at = (name: string): string => join(folder, name);
    await reweight({ ...sample, bins, out: at('plain') });
    const { density } = await reweight({ ...codes, bins, out: at('out') });
    await apply({ ...codes, density: at('plain/density.json'), out: at('applied') });
    await histogram({ ...sample, bins, out: at('counts.ghm') });
    await apply({ ...codes, density: at('counts.ghm'), out: at('from-counts') });

    const wanted = readFloats(at('plain/logits.beta.npy')).values;
    expect(decoded(at('out'), 'logits')).toEqual(wanted);
    for (const folder of ['applied', 'from-counts']) {
      for (const name of ['logits.code.npy', 'code-table.npy', 'density.json']) {
        expect(readFileSync(at(`${folder}/${name}`)).equals(readFileSync(at(`out/${name}`))), name).toBe(true);
      }
    }
    // every code counts its region, and those left out have one of their own
    const tally = new Array<number>(256).fill(0);
    for (const code of readCodes(at('out/logits.code.npy'))) tally[code]++;
    expect(tally.slice(0, bins)).toEqual(density.counts);
    expect(tally[255]).toBe(density.ignored);
  });

  it('gives 255 to NaN, ignored labels and ignored rows', async () => {
    const folder = folderOf({
      'x.npy': npy('float32', [4, 2], [-9, 9, 1, 2, Number.NaN, -9, 3, 4]),
      'y.npy': npy('int64', [4], [2, -1, 1, 0]),
      'w.npy': npy('float32', [4], [1, 1, 1, 0]),
    });
    const at = (name: string): string => join(folder, name);
    const inputs = { logits: at('x.npy'), labels: at('y.npy'), labelWeights: at('w.npy') };
    await reweight({ ...inputs, nonFinite: 'ignore', bins: 10, outputDtype: 'code', out: at('out') });
    expect([...readCodes(at('out/x.code.npy'))]).toEqual([0, 9, 255, 255, 255, 9, 255, 255]);
  });

  it.skipIf(!HAS_NUMPY)('decodes in NumPy with the line of the README', async () => {
    const folder = folderOf({});
    await reweight({ ...codes, out: join(folder, 'weights') });
    await reweight({ ...sample, out: join(folder, 'plain') });
    const line = /^beta = .*code-table.*$/m.exec(
      readFileSync(new URL('../../README.md', import.meta.url), 'utf8'),
    )?.[0];
    const script = `
import os; os.chdir(sys.argv[1])
${line}
print(json.dumps([bool(np.array_equal(beta, np.load('plain/logits.beta.npy'))), str(beta.dtype)]))`;
    expect(inNumPy(script, folder)).toEqual([true, 'float32']);
  });

  it('is refused where one byte does not tell the regions apart', async () => {
    expect(await failure({ ...codes, bins: 256, out: 'never' })).toEqual({
      exitCode: 2,
      message:
        '--output-dtype code: one byte tells 255 regions apart, and there are 256; use --bins 255 or less, or ' +
        '--output-dtype float16',
    });
  });
});
