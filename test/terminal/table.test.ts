import { describe, expect, it } from 'vitest';
import { cut, logBar, tableLines } from '../../src/report/terminal/table.ts';

describe('tableLines', () => {
  const columns = [
    { title: 'file', align: 'left', shrinks: true },
    { title: 'rows', align: 'right' },
    { title: 'role', align: 'left' },
  ] as const;

  it('aligns columns under their titles', () => {
    expect(
      tableLines(
        columns,
        [
          ['a.npy', '12,000', 'logits'],
          ['b.npy', '7', '-'],
        ],
        80,
      ),
    ).toEqual(['file     rows  role', 'a.npy  12,000  logits', 'b.npy       7  -']);
  });

  it('cuts the column that shrinks, in its middle', () => {
    const lines = tableLines(columns, [['dumps/of/a/very/long/run/part-00001.logits.npy', '7', 'logits']], 42);
    expect(lines).toEqual(['file                          rows  role', 'dumps/of...-00001.logits.npy     7  logits']);
    expect(Math.max(...lines.map((line) => line.length))).toBe(42);
  });

  it('prefers a long line to a name that says nothing', () => {
    const [, line = ''] = tableLines(columns, [['x'.repeat(50), '7', 'logits']], 10);
    expect(line).toBe(`${'x'.repeat(5)}...${'x'.repeat(12)}     7  logits`);
  });

  it('has room for more rows than a call has arguments', () => {
    const rows = Array.from({ length: 200_000 }, (_, row) => [`tensor.${row}`, '7', 'logits']);
    const lines = tableLines(columns, rows, 80);
    expect([lines.length, lines.at(-1)]).toEqual([200_001, 'tensor.199999     7  logits']);
  });

  it('drops control characters', () => {
    expect(tableLines(columns, [['a\x1b]0;x\x07.npy', '7', 'logits']], 80)[1]).toBe('a]0;x.npy     7  logits');
  });
});

it('cut keeps what fits', () => {
  expect(cut('part.npy', 8)).toBe('part.npy');
  expect(cut('日本語日本語日本語', 8)).toBe('日...語日本語');
});

describe('logBar', () => {
  it.each([
    [0, 100, ''],
    [1, 1_000_000, '#'],
    [1000, 1_000_000, '#####'],
    [1_000_000, 1_000_000, '##########'],
  ])('of %i of %i', (count, most, bar) => {
    expect(logBar(count, most, 10, '#')).toBe(bar);
  });
});
