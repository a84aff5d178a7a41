import { describe, expect, test } from 'vitest';
import { benchMarkdown } from '../../src/bench/markdown.ts';
import { speedUpChart } from '../../src/report/svg/speed-up.ts';
import { benchReport } from '../../src/report/terminal/bench-report.ts';
import { REPORT } from './fixed-report.ts';

describe('on the terminal', () => {
  test('the machine, a table for each place, and how to read them', () => {
    expect(benchReport(REPORT, { width: 80, bar: '#' })).toEqual([
      'A <Fast> | CPU, 2 of 4 processors usable, 16.0 GB of memory',
      'L2 512 KiB a core, L3 ? in all, linux-x64 6.1',
      'Node v20.19.0, V8 11.3',
      'ghm 1.2.3, kernels of 12345 bytes, SHA-256 0123456789abcdef',
      'M = 30, seed 7; medians of 3 runs after 1 of warm-up',
      '',
      'in cache: each thread again and again over a chunk of its own, 131,072 samples',
      'work              threads  samples/s  GB/s  of limit  speed-up  effic.  spread',
      'read float32            1     10.0 G  50.0         -      1.00   100 %   +-0 %',
      '                        2     20.0 G   100         -      2.00   100 %   +-0 %',
      'count float32           1     2.22 G  11.1      22 %      1.00   100 %  +-11 %',
      '                        2     4.00 G  20.0      20 %      1.80    90 %   +-0 %',
      '',
      'in memory: 1,000,000,000 samples cut among the threads, each once over its own',
      '  part',
      'work              threads  samples/s  GB/s  of limit  speed-up  effic.  spread',
      'read rows of 80         1     2.00 G  10.0         -      1.00   100 %   +-0 %',
      'count rows of 80        1     1.00 G  5.00      50 %      1.00   100 %   +-0 %',
      'copy float32            2     2.00 G  10.0         -         -       -   +-0 %',
      'weigh float32           2     1.00 G  5.00      50 %         -       -   +-0 %',
      '',
      'from files: 1,000,000,000 samples in the page cache, ext4',
      'work              threads  samples/s  GB/s  of limit  speed-up  effic.  spread',
      'read files              1     2.00 G  10.0         -      1.00   100 %   +-0 %',
      'write files             1     4.00 G  20.0         -      1.00   100 %   +-0 %',
      'weigh pass              1      667 M  3.33      50 %      1.00   100 %   +-0 %',
      'reweight, whole         1      400 M  2.00      50 %      1.00   100 %   +-0 %',
      '',
      'of limit: count against read (a SIMD sum of the same arrays), weigh against copy',
      '  (of the logits), passes over files against the same reads and writes without',
      '  arithmetic',
      'reweight, whole: both passes, start of the threads, flush to the disk, and',
      '  report; count pass: with the start of the threads',
      'spread: half the time between the fastest and the slowest run, as a share of the',
      '  median',
      'checked before a time was kept: counts and weights are the same in every run, at',
      '  every number of threads (weights CRC-32 0badcafe)',
      'took 12.3 s',
    ]);
  });

  test.each([40, 50, 60, 72, 79, 80, 200])('no line is longer than %i columns', (width) => {
    for (const line of benchReport(REPORT, { width, bar: '#' })) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('a narrow page keeps the work, its threads and its speed', () => {
    expect(benchReport(REPORT, { width: 40, bar: '#' })).toContain('count float32           1     2.22 G');
  });
});

describe('as Markdown', () => {
  const lines = benchMarkdown(REPORT).split('\n');

  test('a table for each place, with every cell', () => {
    expect(lines.filter((line) => line.startsWith('## '))).toHaveLength(3);
    expect(lines).toContain('| work | threads | samples/s | GB/s | of limit | speed-up | effic. | spread |');
    expect(lines).toContain('| count float32 | 2 | 4.00 G | 20.0 | 20 % | 1.80 | 90 % | +-0 % |');
  });

  test('text from the machine is text, and warnings are among the remarks', () => {
    expect(lines).toContain('- A \\<Fast\\> \\| CPU, 2 of 4 processors usable, 16.0 GB of memory');
    expect(lines).toContain('- warning: the machine is busy');
  });
});

describe('as SVG', () => {
  test('one image on white, three panels, a legend, text escaped, the same for the same report', async () => {
    const svg = await speedUpChart(REPORT);
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
    expect(svg).toContain('<rect width="100%" height="100%" fill="#fff"/>');
    for (const text of [
      'in cache',
      'in memory',
      'from files',
      'read alone',
      'count float32',
      'whole reweight',
      'ideal',
    ]) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(svg).toContain('A &lt;Fast&gt; | CPU');
    expect(svg).not.toMatch(/NaN|undefined|<style|<script/);
    expect(await speedUpChart(REPORT)).toBe(svg);
  });
});
