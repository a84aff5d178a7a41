import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { apply, histogram, reweight, type Summary, verify } from '../../src/index.ts';
import { sealOf } from '../../src/sealed-json.ts';
import { hex32 } from '../../src/sinks/crc32.ts';
import { streamOf } from '../library/stream.ts';
import { runGhm } from './command.ts';

/** A folder with inputs and weights by unit regions. */
async function weightsFolder() {
  const made = streamOf(300);
  const summary = await reweight({ ...made.options, threads: 1 });
  return { ...made, summary, out: made.at('out') };
}

const messagesOf = async (files: string): Promise<string[]> =>
  (await verify({ files })).damage.map(({ message }) => message);

/** How a message about an output begins. */
const expectedOf = ({ outputs }: Summary, out: string, path: string): string => {
  const output = outputs.find((one) => one.path === path);
  return `${join(out, path)}: expected ${output?.bytes} bytes of CRC-32 ${output?.crc32}, found`;
};

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] ^= 4;
  writeFileSync(path, content);
}

/** Writes a summary as someone would who knows how it is sealed. */
function reseal(path: string, change: (summary: { outputs: { path: string }[] }) => void): void {
  const { sha256: _, ...summary } = JSON.parse(readFileSync(path, 'utf8'));
  change(summary);
  writeFileSync(path, JSON.stringify({ ...summary, sha256: sealOf(summary) }));
}

describe('verify', () => {
  it('says which inputs, options and version made what is as it was written', async () => {
    const { at, options } = streamOf(300);
    await histogram({ ...options, bins: 10, out: at('p.ghm') });
    const summary = await apply({ ...options, density: at('p.ghm'), threads: 1, outputDtype: 'code' });
    const { verified, damage } = await verify({ files: [at('out'), at('p.ghm')] });

    expect(damage).toEqual([]);
    const partial = readFileSync(at('p.ghm'));
    const { command, version, node, platform, started, seconds, inputs } = summary;
    expect(verified).toEqual([
      {
        kind: 'run',
        path: at('out'),
        files: 4,
        bytes: ['code-table.npy', 'density.json', 'report.html', 'x.code.npy'].reduce(
          (sum, name) => sum + statSync(at(`out/${name}`)).size,
          0,
        ),
        run: {
          ...{ command, version, node, platform, started, seconds, inputs },
          options: expect.objectContaining({ logits: [at('x.npy')], density: at('p.ghm'), outputDtype: 'code' }),
          densityFile: { path: at('p.ghm'), bytes: partial.length, crc32: hex32(crc32(partial)) },
        },
      },
      {
        kind: 'partial',
        path: at('p.ghm'),
        holds: {
          ...{ bytes: partial.length, task: 'classification', cells: 'float32', bins: 10 },
          ...{ total: 1200, ignored: 0 },
        },
      },
    ]);
  });

  it.each(['x.beta.npy', 'density.json', 'report.html'])('finds a bit that flipped in %s', async (name) => {
    const { out, summary } = await weightsFolder();
    const path = join(out, name);
    const { size } = statSync(path);
    for (const at of [0, size >> 1, size - 1]) {
      flip(path, at);
      const found = hex32(crc32(readFileSync(path)));
      expect(await messagesOf(out)).toEqual([`${expectedOf(summary, out, name)} ${size} bytes of CRC-32 ${found}`]);
      flip(path, at);
    }
    expect(await messagesOf(out)).toEqual([]);
  });

  it('finds files that are missing, cut off, or something else, all of them', async () => {
    const { at, out, summary } = await weightsFolder();
    rmSync(join(out, 'report.html'));
    execFileSync('mkfifo', [join(out, 'report.html')]);
    truncateSync(join(out, 'density.json'), 100);
    rmSync(join(out, 'x.beta.npy'));
    const expected = (path: string): string => expectedOf(summary, out, path);
    expect(await messagesOf(out)).toEqual([
      `${expected('x.beta.npy')} no file`,
      `${expected('density.json')} 100 bytes`,
      `${expected('report.html')} a pipe or device`,
    ]);
    mkdirSync(join(out, 'x.beta.npy'));
    expect((await messagesOf(out))[0]).toBe(`${expected('x.beta.npy')} a folder`);
    // a file beside, even of the same bytes, is no output of this folder
    rmSync(join(out, 'x.beta.npy'), { recursive: true });
    symlinkSync(at('x.npy'), join(out, 'x.beta.npy'));
    expect((await messagesOf(out))[0]).toBe(
      `${expected('x.beta.npy')} a symbolic link out of the folder, to ${at('x.npy')}, which is not followed`,
    );
  });

  it('follows a link to the folder itself, and one inside it', async () => {
    const { at, out } = await weightsFolder();
    mkdirSync(join(out, 'big'));
    renameSync(join(out, 'x.beta.npy'), join(out, 'big/x.beta.npy'));
    symlinkSync('big/x.beta.npy', join(out, 'x.beta.npy'));
    symlinkSync(out, at('link'));
    expect(await messagesOf(at('link'))).toEqual([]);
  });

  it('believes no summary.json that is not as it was written', async () => {
    const { at, out } = await weightsFolder();
    const path = join(out, 'summary.json');
    const written = readFileSync(path, 'utf8');
    const { sha256 } = JSON.parse(written);
    writeFileSync(path, written.replace('"threads": 1', '"threads": 2'));
    const { verified, damage } = await verify({ files: out });
    expect(verified).toEqual([{ kind: 'run', path: out, files: 0, bytes: 0, run: null }]);
    expect(damage).toEqual([
      { path, message: expect.stringMatching(`: damaged: expected content of SHA-256 ${sha256}, found [0-9a-f]{64}$`) },
    ]);
    writeFileSync(path, written.replace(/,\s*"sha256": "\w+"/, ''));
    expect(await messagesOf(out)).toEqual([
      `${path}: has no checksum of itself; expected a field sha256, found undefined`,
    ]);
    rmSync(path);
    expect(await messagesOf(out)).toEqual([
      `${path}: missing; expected the output folder of ghm reweight or ghm apply, or the file of a partial`,
    ]);
    expect(await messagesOf(at('x.npy'))).toEqual([
      expect.stringMatching(/x\.npy: expected a partial or a density\.json, but it is not JSON/),
    ]);
  });

  it.each(['../x.npy', '/etc/passwd', 'a/../../x.npy', 'a//x.npy', ''])(
    'does not look at %j, which a sealed summary.json names',
    async (name) => {
      const { out } = await weightsFolder();
      const path = join(out, 'summary.json');
      reseal(path, ({ outputs }) => {
        outputs[0].path = name;
      });
      expect(await messagesOf(out)).toEqual([
        `${path}: not a valid summary.json: outputs.0.path: expected a path below the folder of the summary`,
      ]);
    },
  );

  it('finds any byte of a partial that was changed', async () => {
    const { at, options } = streamOf(5);
    await histogram({ ...options, out: at('p.ghm') });
    const { size } = statSync(at('p.ghm'));
    // not the line feed at its end, which is no part of the JSON
    for (let i = 0; i < size - 1; i += 7) {
      flip(at('p.ghm'), i);
      const { verified, damage } = await verify({ files: at('p.ghm') });
      expect(verified).toEqual([{ kind: 'partial', path: at('p.ghm'), holds: null }]);
      expect(damage).toHaveLength(1);
      flip(at('p.ghm'), i);
    }
  });

  it('ends where the caller wishes, and tells how far it is', async () => {
    const { out, summary } = await weightsFolder();
    const total = summary.outputs.reduce((sum, { bytes }) => sum + bytes, 0);
    const steps: number[] = [];
    await verify({ files: out, onProgress: (progress) => steps.push(progress.done, progress.total) });
    expect(steps.slice(-2)).toEqual([total, total]);
    await expect(verify({ files: out, signal: AbortSignal.abort() })).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('ghm verify', () => {
  it('shows what made the outputs, and exits with 0', async () => {
    const { folder } = await weightsFolder();
    const { exitCode, stdout, stderr } = await runGhm(['verify', 'out'], folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.replace(/\d+(\.\d+)? m?s/g, 'S').replace(/\d+ B|[\d.]+ kB/g, 'N')).toMatch(
      new RegExp(
        [
          '^out: 3 files of N and summary\\.json',
          'made by ghm reweight, version 0\\.1\\.0, Node v[\\d.]+, linux-\\w+, at \\d{4}-\\S+Z in S',
          'from 2 inputs',
          ` {2}${folder}/x\\.npy {2}float32 \\[300 x 4\\] {2}N`,
          ` {2}${folder}/y\\.npy {2}uint8 \\[300\\] {2}N`,
          'with',
        ].join('\\n'),
      ),
    );
    expect(stdout).toContain('\n  --bins 30\n');
    expect(stdout).toMatch(/\n4 files as written, in \d+ ms\n$/);
  });

  it('names what is damaged on standard error, and exits with 3', async () => {
    const { folder, out, summary } = await weightsFolder();
    rmSync(join(out, 'density.json'));
    truncateSync(join(out, 'report.html'), 5);
    const stderr =
      `ghm: ${expectedOf(summary, 'out', 'density.json')} no file\n` +
      `${expectedOf(summary, 'out', 'report.html')} 5 bytes\n` +
      'copy what is damaged again from where it was written, or run the command again with --force\n';
    expect(await runGhm(['verify', 'out', '--quiet'], folder)).toEqual({ exitCode: 3, stdout: '', stderr });
    const { exitCode, stdout } = await runGhm(['verify', 'out', '--json'], folder);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'verify', damage: [{ path: 'out/density.json' }, {}] });
  });

  it('needs to be told what to look at, and where it is', async () => {
    const { folder } = streamOf(1);
    expect(await runGhm(['verify'], folder)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'ghm: files: expected the output folder of a run, or a partial, found nothing\n',
    });
    expect(await runGhm(['verify', 'out'], folder)).toMatchObject({
      exitCode: 3,
      stderr: 'ghm: files out: no such file. Check the path\n',
    });
  });
});
