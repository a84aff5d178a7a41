import { describe, expect, it } from 'vitest';
import { innermostLoops, measureModule, recorded } from '../../bench/instructions.ts';

const measured = measureModule();
const { allowed, moduleBytes, loops } = recorded();

describe('the hot loops stay as short as when they were measured (bench/instructions.ts says why)', () => {
  it.each(Object.entries(loops))('%s', (name, { instructions }) => {
    const longest = Math.max(...(measured.loops.get(name) ?? []));
    expect(longest).toBeGreaterThan(0);
    expect(longest, 'slower? see bench/kernels.ts; else tsx bench/record-instructions.ts').toBeLessThanOrEqual(
      allowed.loop * instructions,
    );
  });

  it('the module', () => {
    expect(measured.bytes).toBeLessThanOrEqual(allowed.module * moduleBytes);
  });
});

describe('instructions of innermost loops', () => {
  it('are counted without the structure around them', () => {
    const text = ['local.get $0', 'loop $a', 'i32.const 1', 'if', 'nop', 'br $a', 'end', 'end'];
    expect(innermostLoops(text)).toEqual([3]);
  });

  it('leave out loops that hold another one, and keep each inner one', () => {
    const inner = (n: number): string[] => ['loop $b', ...Array.from({ length: n }, () => 'nop'), 'end'];
    expect(innermostLoops(['loop $a', 'nop', 'block', ...inner(2), 'end', ...inner(3), 'end', 'nop'])).toEqual([2, 3]);
  });

  it('are none without a loop', () => {
    expect(innermostLoops(['nop', 'if (result i32)', 'nop', 'else', 'nop', 'end'])).toEqual([]);
  });
});
