import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it, vi } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { safetensors } from '../sources/safetensors-files.ts';
import { npz } from '../sources/zip-files.ts';
import { type Ended, runGhm } from './command.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';

/** Clears the screen, begins a line of its own, is a formula, is HTML, and turns the direction of writing. */
const HOSTILE = '=1+1\x1b[2J\nghm: all is well\u0085\u202e<img src=x onerror=alert(1)>"\'&`';

const ROWS = 40;
const values = Array.from({ length: ROWS }, (_, i) => 5 * Math.sin(i));
const logits = npy('float32', [ROWS], values);
const labels = npy(
  'uint8',
  [ROWS],
  values.map((value) => Number(value > 0)),
);
const column = npy(
  'int64',
  [ROWS],
  values.map((_, i) => i >> 3),
);

/** Nothing but line feeds and tabs steers a terminal, and every line of a message is ours. */
function expectHarmless({ stdout, stderr }: Ended): void {
  const steering = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
  for (const text of [stdout, stderr]) expect(text).not.toMatch(steering);
  for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(/^ghm: all is well/);
}

describe('names that mean harm', () => {
  const name = `${HOSTILE}.npy`;
  const files = {
    [`in/${name}`]: logits,
    [`labels/${name}`]: labels,
    [`${HOSTILE}.safetensors`]: safetensors({
      logits: { dtype: 'F32', shape: [ROWS], data: logits.subarray(-4 * ROWS) },
      labels: { dtype: 'U8', shape: [ROWS], data: labels.subarray(-ROWS) },
      [HOSTILE]: { dtype: 'I64', shape: [ROWS], data: column.subarray(-8 * ROWS) },
    }),
  };
  const stream = ['--logits', 'in/*.npy', '--labels', 'labels/*.npy', '--label-format', 'binary'];
  const archive = [`${HOSTILE}.safetensors`, '--label-format', 'binary'];
  const grouped = [...archive, '--group', HOSTILE];

  it.each([
    ['reweight', [...grouped, '--out', `${HOSTILE}`]],
    ['reweight, as it is planned', [...stream, '--out', HOSTILE, '--dry-run']],
    ['histogram', [...stream, '--out', `${HOSTILE}.ghm`]],
    ['outliers', [...stream, '--top', '5']],
    ['outliers, a table of one column', [...archive, '--per', HOSTILE, '--keep', HOSTILE, '--top', '2']],
  ])('%s says nothing that a terminal obeys', async (what, args) => {
    const folder = folderOf(files);
    const [command] = what.split(/[ ,]/);
    for (const more of [[], ['--json']]) {
      const ended = await runGhm([command, ...args, ...more, ...(more.length > 0 ? force(command) : [])], folder);
      expect(ended).toMatchObject({ exitCode: 0 });
      expectHarmless(ended);
    }
  });
  const force = (command: string): string[] => (command === 'outliers' ? [] : ['--force']);

  it('nor do the commands that look, and those that fail', async () => {
    const folder = folderOf({ ...files, 'bad.npy': logits.subarray(0, 100), [`${HOSTILE}.json`]: `{"${'x'}": 1}` });
    expect((await runGhm(['reweight', ...grouped, '--out', 'out'], folder)).exitCode).toBe(0);
    writeFileSync(join(folder, `${HOSTILE}.npy`), logits.subarray(0, 90));
    for (const args of [
      ['inspect', `in/${name}`, `labels/${name}`],
      ['inspect', `${HOSTILE}.npy`],
      ['inspect', HOSTILE],
      ['verify', 'out'],
      ['verify', `${HOSTILE}.json`],
      ['merge', `${HOSTILE}.json`, '--out', 'x.ghm'],
      ['report', 'out', '--out', `${HOSTILE}.html`],
      ['apply', ...stream, '--density', HOSTILE, '--out', 'o'],
      ['reweight', '--logits', `${HOSTILE}.npy`, '--labels', `in/${name}`, '--out', 'o2'],
      ['reweight', `--${HOSTILE}`, '--out', 'o2'],
      ['reweight', ...stream, '--group', HOSTILE, '--out', 'o2'],
      ['generate', '--samples', '10', '--out', `${HOSTILE}/made`],
      ['outliers', ...stream, '--density', HOSTILE],
      [HOSTILE],
      ['completion', HOSTILE],
    ]) {
      expectHarmless(await runGhm(args, folder));
    }
  });

  it('the report has no element that was not ours', async () => {
    const folder = folderOf({ ...files, 'x.npz': npz({ logits, labels, z: column }) });
    const out = (report: string) => ['--out', report];
    expect((await runGhm(['reweight', ...grouped, ...out('out')], folder)).exitCode).toBe(0);
    await runGhm(['reweight', 'x.npz', '--label-format', 'binary', '--group', 'z', ...out('plain')], folder);
    const tagsOf = (path: string): string[] =>
      [...parseHTML(readFileSync(join(folder, path), 'utf8')).document.querySelectorAll('*')].map((element) =>
        [element.tagName, ...element.getAttributeNames()].join(' '),
      );
    // names stand in it as text alone: elements and attributes are those of a report of plain names, but for line breaks
    const breaks = ['TSPAN dy x', 'TSPAN y x'];
    expect(new Set([...tagsOf('out/report.html'), ...breaks])).toEqual(
      new Set([...tagsOf('plain/report.html'), ...breaks]),
    );
    const html = readFileSync(join(folder, 'out/report.html'), 'utf8');
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    const figure = ['--figure', 'groups', '--out', 'groups.svg'];
    expect((await runGhm(['report', 'out', ...figure], folder)).exitCode).toBe(0);
    expect(readFileSync(join(folder, 'groups.svg'), 'utf8')).not.toContain('<img');
  });

  it('a spreadsheet runs no formula, and CSV is one line a row', async () => {
    const folder = folderOf(files);
    const args = ['outliers', ...archive, '--keep', HOSTILE, '--top', '3', '--out', 'x.csv'];
    expect((await runGhm(args, folder)).exitCode).toBe(0);
    const lines = readFileSync(join(folder, 'x.csv'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    // the name of the column, in the head
    expect(lines[0]).toContain(`"'=1+1[2Jghm: all is well<img`);
  });
});

describe('names in files that could lead elsewhere', () => {
  const key = '../../escaped';

  it('of tensors, are of outputs below the output folder', async () => {
    const tensors = {
      [`${key}.logits`]: { dtype: 'F32', shape: [ROWS], data: logits.subarray(-4 * ROWS) },
      [`${key}.labels`]: { dtype: 'U8', shape: [ROWS], data: labels.subarray(-ROWS) },
    };
    const folder = folderOf({ 'a/b/c/x.safetensors': safetensors(tensors) });
    const deep = join(folder, 'a/b/c');
    const args = ['x.safetensors', '--logits-key', '*.logits', '--labels-key', '*.labels', '--label-format', 'binary'];
    expect(await runGhm(['reweight', ...args, '--out', 'out'], deep)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(deep, 'out')).sort()).toEqual(
      ['x.......escaped.logits.beta.npy', 'density.json', 'report.html', 'summary.json'].sort(),
    );
    const outside = Object.keys(treeOf(folder)).filter((path) => !path.startsWith('a/b/c/out'));
    expect(outside).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/x.safetensors']);
  });

  it('of members of an archive, are refused', async () => {
    const folder = folderOf({ 'x.npz': npz({ [`${key}.logits`]: logits, [`${key}.labels`]: labels }) });
    expect(await runGhm(['inspect', 'x.npz'], folder)).toMatchObject({
      exitCode: 3,
      stderr:
        'ghm: x.npz: damaged zip archive: invalid relative path: ../../escaped.logits.npy. Was it copied or written to the end?\n',
    });
  });

  it('a list of files with .. in it writes into the output folder alone', async () => {
    const folder = folderOf({ 'data/x.npy': logits, 'data/y.npy': labels, 'work/list.txt': '../data/x.npy\n' });
    writeFileSync(join(folder, 'work/labels.txt'), '../work/../data/y.npy\n');
    const args = ['--logits', '@list.txt', '--labels', '@labels.txt', '--label-format', 'binary', '--out', 'out'];
    expect(await runGhm(['reweight', ...args], join(folder, 'work'))).toMatchObject({ exitCode: 0 });
    expect(Object.keys(treeOf(join(folder, 'work/out'))).sort()).toEqual(
      ['density.json', 'report.html', 'summary.json', 'x.beta.npy'].sort(),
    );
    expect(existsSync(join(folder, 'data/x.beta.npy'))).toBe(false);
  });
});

describe('names that objects of JavaScript have', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a column like any other', async (name) => {
    const files = { 'x.npz': npz({ logits, labels, [name]: column }), 'z.npz': npz({ logits, labels, z: column }) };
    const folder = folderOf(files);
    const densityOf = async (file: string, group: string): Promise<string> => {
      const args = ['reweight', file, '--label-format', 'binary', '--group', group, '--out', `out-${group}`];
      expect(await runGhm(args, folder)).toMatchObject({ exitCode: 0 });
      return readFileSync(join(folder, `out-${group}/density.json`), 'utf8');
    };
    expect((await densityOf('x.npz', name)).replace(`"${name}"`, '"z"')).toBe(await densityOf('z.npz', 'z'));

    const rowsOf = async (file: string, keep: string): Promise<string> => {
      const args = ['outliers', file, '--label-format', 'binary', '--keep', keep, '--top', '5', '--format', 'csv'];
      const { stdout } = await runGhm([...args, '--out', `${keep}.csv`], folder);
      expect(stdout).not.toBe('');
      return readFileSync(join(folder, `${keep}.csv`), 'utf8');
    };
    const rows = (await rowsOf('x.npz', name)).replaceAll('x.npz', 'z.npz').replace(`,${name}\n`, ',z\n');
    expect(rows).toBe(await rowsOf('z.npz', 'z'));
  });
});

describe('code from a string', () => {
  it('is never run: all goes as well where the engine refuses to', async () => {
    const folder = folderOf({
      'x.npz': npz({ logits, labels, image: column }),
      'y.csv': 'logits,labels\n1.5,1\n-1,0\n',
    });
    vi.stubEnv('NODE_OPTIONS', '--disallow-code-generation-from-strings');
    for (const args of [
      ['reweight', 'x.npz', '--label-format', 'binary', '--group', 'image', '--out', 'a'],
      ['reweight', 'y.csv', '--label-format', 'binary', '--format', 'parquet', '--out', 'b'],
      ['histogram', 'x.npz', '--label-format', 'binary', '--out', 'p.ghm'],
      ['apply', 'x.npz', '--label-format', 'binary', '--density', 'p.ghm', '--out', 'c'],
      ['merge', 'p.ghm', '--out', 'q.ghm'],
      ['report', 'a', '--out', 'r.html'],
      ['outliers', 'x.npz', '--label-format', 'binary', '--density', 'p.ghm'],
      ['inspect', 'x.npz', 'y.csv'],
      ['verify', 'a', 'b', 'c', 'q.ghm'],
    ]) {
      expect(await runGhm(args, folder)).toMatchObject({ exitCode: 0 });
    }
  });
});
