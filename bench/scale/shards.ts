import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyShard, histogram } from '../../src/index.ts';
import { sealOf } from '../../src/sealed-json.ts';
import { npyHeader } from '../../src/sources/npy/header.ts';

/**
 * A folder with as many files of one row as there are shards, and the shards of all of them weighed: the first by `ghm`, the
 * others copies of it, which they would be, as all rows are alike.
 */
export async function writeShards(folder: string, parts: number): Promise<void> {
  mkdirSync(join(folder, 'in'), { recursive: true });
  const names = Array.from({ length: parts }, (_, i) => `${String(i + 1).padStart(6, '0')}.logits`);
  const logits = Buffer.concat([npyHeader([1], 'float32'), Buffer.from(Float32Array.of(-3).buffer)]);
  const labels = Buffer.concat([npyHeader([1], 'uint8'), Buffer.of(0)]);
  for (const name of names) {
    writeFileSync(join(folder, 'in', `${name}.npy`), logits);
    writeFileSync(join(folder, 'in', `${name.replace('logits', 'labels')}.npy`), labels);
  }
  const input = { logits: join(folder, 'in/*.logits.npy'), labels: join(folder, 'in/*.labels.npy') };
  const density = join(folder, 'all.ghm');
  await histogram({ ...input, out: density });
  const out = join(folder, 'weights');
  await applyShard({ ...input, density, shard: `1/${parts}`, out });
  const first = join(out, 'shards', `1-of-${parts}`);
  const { sha256: _, ...record } = JSON.parse(readFileSync(join(first, 'shard.json'), 'utf8'));
  for (let i = 2; i <= parts; i++) {
    const shard = join(out, 'shards', `${i}-of-${parts}`);
    mkdirSync(shard);
    cpSync(join(first, `${names[0]}.beta.npy`), join(shard, `${names[i - 1]}.beta.npy`));
    const own = JSON.parse(JSON.stringify({ ...record, index: i }).replaceAll(names[0], names[i - 1]));
    writeFileSync(join(shard, 'shard.json'), JSON.stringify({ ...own, sha256: sealOf(own) }));
  }
}
