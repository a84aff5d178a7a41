import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reweight, type Summary, verify } from '../../src/index.ts';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { treeOf } from './folder-tree.ts';

const COCO = fileURLToPath(new URL('../files/coco/crowds', import.meta.url));

/** Every file of the folder is listed, is as listed, and is seen to be changed where a byte of it is. */
async function expectVerified(out: string, { outputs }: Summary): Promise<void> {
  const files = Object.entries(treeOf(out)).flatMap(([path, content]) => (content === 'folder' ? [] : [path]));
  expect(files).toEqual(['summary.json', ...outputs.map(({ path }) => path)].sort());
  expect((await verify({ files: out })).damage).toEqual([]);
  for (const { path, bytes } of outputs) {
    const whole = readFileSync(join(out, path));
    const changed = Buffer.from(whole);
    changed[Math.floor(bytes / 3)] ^= 1;
    writeFileSync(join(out, path), changed);
    expect((await verify({ files: out })).damage.map((damage) => damage.path)).toEqual([join(out, path)]);
    writeFileSync(join(out, path), whole);
  }
}

describe('verify', () => {
  it.each([
    ...(['npy', 'npz', 'safetensors', 'parquet', 'arrow'] as const).flatMap((format) =>
      (['float32', 'float16', 'code'] as const).map((outputDtype) => ({ format, outputDtype })),
    ),
    { density: 'window' },
    { group: 'class' },
    { batch: 'rows:100', momentum: 0.5 },
  ] as const)('knows the outputs of %j', async (form) => {
    const { at, options } = streamOf(1000);
    await expectVerified(at('out'), await reweight({ ...options, ...form }));
  });

  it('knows the outputs of COCO results', async () => {
    const out = join(folderOf(), 'out');
    const summary = await reweight({
      cocoResults: `${COCO}.results.json`,
      cocoAnnotations: `${COCO}.instances.json`,
      out,
    });
    await expectVerified(out, summary);
  });
});
