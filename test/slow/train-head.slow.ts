import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../../examples/train-head/', import.meta.url));
const LOSSES = ['cross-entropy', 'focal', 'GHM-C, density of the batch', 'GHM-C, density of everything'];

/** `examples/train-head` runs, and its README shows what it prints. */
describe('examples/train-head', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-train-head-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('trains a head with each loss, and puts curves and average precision in one table', () => {
    const curves = join(folder, 'curves.csv');
    const table = execFileSync(
      process.execPath,
      [join(EXAMPLE, 'train_head.mjs'), '--epochs', '3', '--seeds', '1', '--out', curves],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const rows = table
      .trimEnd()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows[0]).toEqual(['trained with', 'epoch 1', 'epoch 2', 'epoch 3 (least to most of 1)']);
    const [, , ...trained] = rows;
    expect(trained.map(([title]) => title)).toEqual([...LOSSES, "the detector's own logits"]);
    // average precision of the sample's own logits: one number, whatever is trained
    expect(trained.at(-1)?.at(-1)).toBe('0.719');
    for (const [title, first, second, last] of trained.slice(0, -1)) {
      expect(Number(first), title).toBeLessThan(Number(second));
      expect(Number.parseFloat(last), title).toBeGreaterThan(0.3);
    }

    const [head, ...lines] = readFileSync(curves, 'utf8').trimEnd().split('\n');
    expect(head).toBe('loss,seed,epoch,training_loss,average_precision');
    expect(lines).toHaveLength(3 * LOSSES.length);
    const losses = lines.map((line) => Number(line.split(',').at(-2)));
    // the weights of GHM-C follow the head: its loss need not fall
    for (const i of [0, 1]) expect(losses[3 * i + 2]).toBeLessThan(losses[3 * i]);
  });

  it('has a row for each loss in the table of its README', () => {
    const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
    for (const loss of LOSSES) expect(readme).toMatch(new RegExp(`^\\| ${loss} +\\|`, 'm'));
  });
});
