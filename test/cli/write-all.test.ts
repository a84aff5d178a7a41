import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { breathing } from '../../src/breath.ts';
import { writeAll } from '../../src/cli/write-all.ts';

/** Pieces of text, and how many of them were taken. */
function pieces(count: number, length = 5000) {
  const taken = { count: 0 };
  function* text(): Generator<string> {
    for (let i = 0; i < count; i++) {
      taken.count++;
      yield String.fromCharCode(97 + (i % 26)).repeat(length);
    }
  }
  return { taken, text: text() };
}

describe('text that is written piece by piece', () => {
  it('arrives whole and in order, however slowly it is read', async () => {
    let arrived = '';
    const stream = new Writable({
      highWaterMark: 1000,
      async write(chunk, _, done) {
        await setImmediate();
        arrived += chunk;
        done();
      },
    });
    await writeAll(stream, pieces(50).text, breathing());
    stream.end();
    await new Promise((resolve) => stream.on('finish', resolve));
    expect(arrived).toBe([...pieces(50).text].join(''));
  });

  it('is no longer made when nobody reads it', async () => {
    const stream = new Writable({
      highWaterMark: 1000,
      write: (_chunk, _, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const errors: string[] = [];
    stream.on('error', (error) => errors.push(error.message));
    const { taken, text } = pieces(1000);
    await writeAll(stream, text, breathing());
    await setImmediate();
    expect(errors).toEqual(['gone']);
    expect(taken.count).toBeLessThan(50);
  });

  it('ends with a signal, though nobody reads', async () => {
    const stream = new Writable({ highWaterMark: 1000, write: () => undefined });
    const { taken, text } = pieces(1000);
    const controller = new AbortController();
    const written = writeAll(stream, text, breathing(controller.signal));
    await setImmediate();
    controller.abort();
    await expect(written).rejects.toMatchObject({ exitCode: 130 });
    expect(taken.count).toBeLessThan(50);
  });

  it('is written without a wait where it is short', () => {
    let arrived = '';
    const stream = new Writable({
      write: (chunk, _, done) => {
        arrived += chunk;
        done();
      },
    });
    void writeAll(stream, ['a\n', 'b\n'], breathing());
    expect(arrived).toBe('a\nb\n');
  });
});
