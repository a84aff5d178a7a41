import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkAbsent, checkNoneExists } from '../../src/sinks/free-places.ts';
import { Staging, writeWhole } from '../../src/sinks/staging.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ghm-staging-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Every path below the root, and the content of files: what a run may change and what it must not. */
const tree = (): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path.slice(root.length + 1)}${entry.isFile() ? `: ${readFileSync(path, 'utf8')}` : ''}`;
    })
    .sort();

describe('staged outputs', () => {
  test('bear no final name before finish, and all of them after', async () => {
    const out = join(root, 'a', 'b');
    const staging = await Staging.open(out);
    await staging.write('x.json', 'x');
    writeFileSync(await staging.place('sub/deep/y.npy'), 'y');
    expect(readdirSync(out).filter((name) => !name.startsWith('.'))).toEqual([]);
    await staging.finish();
    expect(tree()).toEqual(['a', 'a/b', 'a/b/sub', 'a/b/sub/deep', 'a/b/sub/deep/y.npy: y', 'a/b/x.json: x']);
  });

  test('fail where another has taken the hidden folder away, and do not make it anew', async () => {
    const staging = await Staging.open(root);
    await staging.write('sub/x.json', 'x');
    rmSync(staging.hidden, { recursive: true });
    for (const path of ['y.json', 'sub/y.json', 'more/y.json']) {
      await expect(staging.write(path, 'y')).rejects.toThrow('ENOENT');
    }
    await expect(staging.finish()).rejects.toThrow(expect.objectContaining({ exitCode: 1 }));
    expect(tree()).toEqual([]);
  });

  test('are refused before any work where one exists and force is not set', async () => {
    writeFileSync(join(root, 'b.json'), 'old');
    writeFileSync(join(root, 'c.json'), 'old');
    const before = tree();
    await expect(checkNoneExists(root, ['a.json', 'b.json'], false)).rejects.toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `${join(root, 'b.json')} exists already; use --force to replace it`,
      }),
    );
    await expect(checkNoneExists(root, ['a.json', 'b.json', 'c.json'], false)).rejects.toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `${join(root, 'b.json')} and 1 more exist already; use --force to replace them`,
      }),
    );
    await expect(checkNoneExists(root, ['b.json'], true)).resolves.toBeUndefined();
    await expect(checkNoneExists(root, ['a.json', 'sub/b.json'], false)).resolves.toBeUndefined();
    await expect(checkNoneExists(join(root, 'none'), ['a.json'], false)).resolves.toBeUndefined();
    expect(tree()).toEqual(before);
  });

  test('replace what exists, only when they are whole', async () => {
    writeFileSync(join(root, 'b.json'), 'old');
    const staging = await Staging.open(root);
    await staging.write('b.json', Buffer.from('new'));
    expect(readFileSync(join(root, 'b.json'), 'utf8')).toBe('old');
    await staging.finish();
    expect(tree()).toEqual(['b.json: new']);
  });

  test('of two runs in one folder do not touch each other', async () => {
    const [one, two] = [await Staging.open(root), await Staging.open(root)];
    await one.write('1', 'one');
    await two.write('2', 'two');
    await one.finish();
    await two.abandon();
    expect(tree()).toEqual(['1: one']);
  });

  test('cannot be written twice under one path', async () => {
    const staging = await Staging.open(root);
    await staging.write('a', '1');
    await expect(staging.write('a', '2')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('writing a failed'),
    });
    await staging.abandon();
    expect(tree()).toEqual([]);
  });
});

describe('an abandoned run leaves the place as it was found', () => {
  test('with a folder that existed and what else lies in it', async () => {
    writeFileSync(join(root, 'mine.txt'), 'mine');
    const before = tree();
    const staging = await Staging.open(root);
    await staging.write('sub/a.npy', 'half');
    await staging.abandon();
    expect(tree()).toEqual(before);
  });

  test('without the folders it made, the topmost included', async () => {
    const staging = await Staging.open(join(root, 'new', 'deep', 'out'));
    await staging.write('a.npy', 'half');
    await staging.abandon();
    expect(tree()).toEqual([]);
  });

  test('when the folder cannot be made: its path goes through a file', async () => {
    writeFileSync(join(root, 'file'), 'mine');
    const before = tree();
    for (const out of [join(root, 'file'), join(root, 'file', 'below'), join(root, 'file', 'far', 'below')]) {
      await expect(Staging.open(out)).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringContaining(`--out ${out}: cannot be written (`),
      });
      expect(tree()).toEqual(before);
    }
  });

  test('when the folder cannot be made: a name in its path is too long', async () => {
    const out = join(root, 'new', 'x'.repeat(300));
    await expect(Staging.open(out)).rejects.toMatchObject({ exitCode: 1 });
    expect(tree()).toEqual([]);
  });

  test('when the folder is a link to nowhere', async () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    const before = tree();
    await expect(Staging.open(join(root, 'link'))).rejects.toMatchObject({ exitCode: 1 });
    expect(tree()).toEqual(before);
  });

  test('when a final name is taken by a folder at the end', async () => {
    const staging = await Staging.open(root);
    await staging.write('a.npy', 'whole');
    mkdirSync(join(root, 'a.npy'));
    await expect(staging.finish()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`finishing the outputs in ${root} failed`),
    });
    await staging.abandon();
    expect(tree()).toEqual(['a.npy']);
  });

  test('twice over', async () => {
    const staging = await Staging.open(join(root, 'out'));
    await staging.abandon();
    await staging.abandon();
    expect(tree()).toEqual([]);
  });
});

describe('one file written whole', () => {
  test('is there with its content, its folders made, and nothing beside it', async () => {
    await writeWhole(join(root, 'x', 'p.json'), 'content', false);
    expect(tree()).toEqual(['x', 'x/p.json: content']);
  });

  test('does not replace another without force', async () => {
    const path = join(root, 'p.json');
    writeFileSync(path, 'old');
    await expect(writeWhole(path, 'new', false)).rejects.toMatchObject({ exitCode: 2 });
    expect(tree()).toEqual(['p.json: old']);
    await writeWhole(path, 'new', true);
    expect(tree()).toEqual(['p.json: new']);
  });

  test('leaves nothing when it fails', async () => {
    mkdirSync(join(root, 'taken'));
    await expect(writeWhole(join(root, 'taken'), 'new', true)).rejects.toMatchObject({ exitCode: 2 });
    expect(tree()).toEqual(['taken']);
    const long = join(root, 'new', `${'x'.repeat(300)}.json`);
    await expect(writeWhole(long, 'new', false)).rejects.toMatchObject({ exitCode: 1 });
    expect(tree()).toEqual(['taken']);
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  test('is refused before any work where it exists or is a folder', async () => {
    writeFileSync(join(root, 'p.json'), 'old');
    await expect(checkAbsent(join(root, 'p.json'), false)).rejects.toThrow(expect.objectContaining({ exitCode: 2 }));
    await expect(checkAbsent(join(root, 'p.json'), true)).resolves.toBeUndefined();
    await expect(checkAbsent(join(root, 'q.json'), false)).resolves.toBeUndefined();
    for (const force of [true, false]) {
      await expect(checkAbsent(root, force)).rejects.toThrow(
        expect.objectContaining({
          exitCode: 2,
          message: `--out: ${root} is a folder; expected a file, or nothing, where an output belongs`,
        }),
      );
    }
  });
});
