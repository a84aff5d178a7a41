import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from 'kubernetes-types/batch/v1.js';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { reweight, submit } from '../../src/index.ts';
import { MAIN } from '../run/command.ts';
import { lastingOutputs } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { uniform } from '../run/random-parts.ts';
import { folderOf } from '../sources/npy-files.ts';

/** What Kubernetes makes of a command before it is started, with no such variables: `$$` is `$`. */
const expanded = (text: string): string => text.replaceAll('$$', '$');

/** Runs each index of a Job, as a cluster would, the last one first. */
function runJob({ spec }: Job, folder: string, path: string): void {
  const [program = '', ...args] = (spec?.template.spec?.containers[0].command ?? []).map(expanded);
  for (let index = (spec?.completions ?? 0) - 1; index >= 0; index--) {
    const env = { PATH: `${path}:${process.env.PATH}`, JOB_COMPLETION_INDEX: String(index) };
    const { status, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
    expect([status, stderr.split('\n').filter((line) => line.startsWith('ghm: '))]).toEqual([0, []]);
  }
}

it('the commands of the Jobs, run in order, make the bytes of one reweight', async () => {
  const random = uniform(5);
  const logits = Float32Array.from({ length: 6000 }, () => 14 * random() - 10);
  const labels = Array.from({ length: 2000 }, () => Math.floor(4 * random()));
  const bin = folderOf({ ghm: `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n` });
  chmodSync(join(bin, 'ghm'), 0o755);
  const folder = folderOf();
  const name = 'a $(b) $$c "d"';
  writeFileSync(join(folder, `${name}.x.npy`), npy('float32', [2000, 3], logits));
  writeFileSync(join(folder, 'y.npy'), npy('int8', [2000], labels));
  await reweight({ logits: join(folder, `${name}.x.npy`), labels: join(folder, 'y.npy'), out: join(folder, 'whole') });

  const run = { logits: `${name}.x.npy`, labels: 'y.npy', out: name };
  const submission = await submit({ engine: 'kubernetes', print: true, parts: 3, claim: 'c', run });
  if (submission.engine !== 'kubernetes') throw new Error(submission.engine);
  for (const document of parseAllDocuments(submission.manifest)) runJob(document.toJS(), folder, bin);
  expect(lastingOutputs(join(folder, name))).toEqual(lastingOutputs(join(folder, 'whole')));
});
