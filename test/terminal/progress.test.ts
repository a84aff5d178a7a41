import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { noProgress, plainProgress, terminalProgress } from '../../src/report/terminal/progress.ts';
import { finishedLine, progressLine } from '../../src/report/terminal/progress-line.ts';

const STEP = { label: 'count', done: 215_000_000, total: 500_000_000, elapsed: 0.2 };

describe('progressLine', () => {
  it.each([
    [100, 'count  [############------------------]   43 %  215 M/500 M samples  1.07 G samples/s  0:00 left'],
    [80, 'count  [####------]   43 %  215 M/500 M samples  1.07 G samples/s  0:00 left'],
    [70, 'count   43 %  215 M/500 M samples  1.07 G samples/s  0:00 left'],
    [50, 'count  [####------]   43 %  0:00 left'],
    [30, 'count   43 %  0:00 left'],
    [15, 'count   43 %'],
    [5, '43 %'],
    [2, '43'],
  ])('at %i columns', (width, line) => {
    expect(progressLine(STEP, width)).toBe(line);
    expect(line.length).toBeLessThanOrEqual(width);
  });

  it('knows no rate before the first sample, and stands an empty pass', () => {
    expect(progressLine({ ...STEP, done: 0, elapsed: 0 }, 45)).toBe('count  [----------]    0 %  0/500 M samples');
    expect(progressLine({ ...STEP, done: 0, total: 0 }, 12)).toBe('count  100 %');
  });

  it('is not over before the last sample', () => {
    expect(progressLine({ ...STEP, done: STEP.total - 1 }, 12)).toBe('count   99 %');
  });
});

it('finishedLine says how long it took', () => {
  expect(finishedLine({ label: 'weigh', done: 6e9, total: 6e9, elapsed: 12 })).toBe(
    'weigh  6.00 G samples in 0:12, 500 M samples/s',
  );
});

/** A stream that remembers, with the properties of a terminal if asked. */
function recorder(terminal: object = {}) {
  const stream = new PassThrough();
  const text = () => String(stream.read() ?? '');
  return { stream: Object.assign(stream, terminal) as unknown as NodeJS.WriteStream, text };
}

describe('off a terminal', () => {
  it('prints a line every five seconds, and one at the end of a pass that took as long', () => {
    const { stream, text } = recorder();
    const progress = plainProgress(stream);
    for (let second = 0; second <= 12; second++) {
      progress.update({ label: 'count', done: second * 1e6, total: 12e6, elapsed: second });
    }
    progress.update({ label: 'weigh', done: 1e6, total: 12e6, elapsed: 1 });
    progress.close();
    progress.close();
    expect(text()).toBe(
      [
        'count  [####------]   41 %  5.00 M/12.0 M samples  1.00 M samples/s  0:07 left',
        'count  [########--]   83 %  10.0 M/12.0 M samples  1.00 M samples/s  0:02 left',
        'count  12.0 M samples in 0:12, 1.00 M samples/s',
        '',
      ].join('\n'),
    );
  });

  it('says nothing of a short pass', () => {
    const { stream, text } = recorder();
    const progress = plainProgress(stream);
    progress.update({ ...STEP, done: STEP.total });
    progress.print('a warning');
    progress.close();
    expect(text()).toBe('a warning\n');
  });

  it('says nothing at all if asked', () => {
    const { stream, text } = recorder();
    const progress = noProgress(stream);
    progress.update({ ...STEP, elapsed: 100 });
    progress.print('a warning');
    progress.close();
    expect(text()).toBe('a warning\n');
  });
});

describe('on a terminal', () => {
  afterEach(() => vi.useRealTimers());
  const terminal = { isTTY: true, columns: 0, cursorTo: () => true, clearLine: () => true };

  it('draws one line, which warnings do not break, and leaves nothing behind', () => {
    vi.useFakeTimers();
    const { stream, text } = recorder(terminal);
    const progress = terminalProgress(stream);
    progress.update(STEP);
    expect(text()).toContain('count  [####------]   43 %');
    progress.print('a warning');
    expect(text()).toContain('a warning\n');
    Object.assign(stream, { columns: 20 });
    vi.advanceTimersByTime(1000);
    expect(text()).toContain('count   43 %');
    progress.update({ ...STEP, label: 'weigh', done: 0 });
    expect(text()).toContain('weigh    0 %');
    progress.close();
    text();
    vi.advanceTimersByTime(10_000);
    progress.close();
    progress.print('after');
    expect(text()).toBe('after\n');
    expect(vi.getTimerCount()).toBe(0);
  });
});
