import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Density } from '../../src/density/density.ts';
import { runGhm, SAMPLE } from '../run/command.ts';

const PLACES = [
  process.env.GHM_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const chromium = PLACES.find((place) => place !== '' && existsSync(place));

/** Screenshots stay here, to be looked at. */
const SCREENSHOTS = fileURLToPath(new URL('../../coverage/report/', import.meta.url));

const WIDE = { width: 1100, height: 900 };
const PHONE = { width: 390, height: 844 };

describe.skipIf(chromium !== undefined)('reports in a browser', () => {
  it.skip('need Chromium: apt-get install chromium, or set GHM_CHROMIUM to its path', () => {});
});

describe.runIf(chromium !== undefined)('reports in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-browser-'));
  const at = (name: string): string => join(folder, name);
  let browser: Browser;

  beforeAll(async () => {
    const { chromium: driver } = await import('playwright-core');
    // as root in a container the sandbox of Chromium cannot start
    browser = await driver.launch({ executablePath: chromium ?? '', args: ['--no-sandbox'] });
    mkdirSync(SCREENSHOTS, { recursive: true });
    const array = (name: string) => `${SAMPLE}${name}.npy`;
    const files = ['--logits', array('logits'), '--labels', array('labels'), '--label-weights', array('label_weights')];
    const batches = ['--batch', 'rows:4096', '--momentum', '0.75'];
    for (const args of [
      ['reweight', ...files, '--out', at('run')],
      ['reweight', ...files, '--group', 'class', '--out', at('grouped')],
      ['reweight', ...files, ...batches, '--out', at('batched')],
      ['histogram', ...files, '--out', at('all.ghm')],
      ['reweight', ...files, '--density', 'window', '--epsilon', '0.1', '--max-weight', '50', '--out', at('windowed')],
      ['report', at('all.ghm'), '--bins', '10', '--out', at('ten.html')],
      ['report', at('all.ghm'), at('run'), '--out', at('both.html')],
    ]) {
      const ended = await runGhm([...args, '--quiet']);
      expect(ended.stderr).toBe('');
    }
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The page as the browser holds it, and everything it said or asked for. */
  async function opened(file: string, options: { viewport: typeof WIDE; colorScheme: 'light' | 'dark' }) {
    const page = await browser.newPage(options);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    const url = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== url) said.push(`asked for ${request.url()}`);
    });
    await page.goto(url);
    return { page, said };
  }

  const densityOf = (run: string): Density => JSON.parse(readFileSync(at(join(run, 'density.json')), 'utf8'));

  /** The numbers of a figure, row by row; NaN where there is none. */
  async function valuesOf(page: Page, figure: string): Promise<number[][]> {
    const { document } = parseHTML(await page.content());
    return [...document.querySelectorAll(`#${figure} details tbody tr`)].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => Number(cell.querySelector('data')?.getAttribute('value') ?? 'NaN')),
    );
  }
  const column = (rows: readonly (readonly number[])[], i: number): number[] => rows.map((row) => row[i]);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

  const REPORTS = [
    ['run/report.html', ['distribution', 'contribution', 'weight', 'reformulation']],
    ['windowed/report.html', ['distribution', 'contribution', 'weight', 'reformulation']],
    ['grouped/report.html', ['distribution', 'contribution', 'weight', 'reformulation', 'groups']],
    ['batched/report.html', ['distribution', 'contribution', 'weight', 'reformulation', 'batches']],
    ['ten.html', ['distribution', 'contribution', 'weight', 'reformulation']],
    ['both.html', ['distribution', 'weight']],
  ] as const;

  describe.each(REPORTS)('%s', (file, figures) => {
    it.each(['light', 'dark'] as const)('is %s where that is asked for, and loads nothing', async (colorScheme) => {
      const { page, said } = await opened(at(file), { viewport: WIDE, colorScheme });
      for (const name of figures) {
        const box = await page.locator(`#${name} svg.wide`).boundingBox();
        expect(box?.width).toBeGreaterThan(700);
        expect(box?.height).toBeGreaterThan(200);
        expect(await page.locator(`#${name} svg.wide`).getAttribute('aria-label')).toMatch(/\d/);
      }
      const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(paper).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 22, 28)');
      const path = join(SCREENSHOTS, `${file.replace(/\W+/g, '-')}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      expect(statSync(path).size).toBeGreaterThan(50_000);
      expect(said).toEqual([]);
      await page.close();
    });

    it('fits a phone and paper', async () => {
      const { page, said } = await opened(at(file), { viewport: PHONE, colorScheme: 'light' });
      for (const name of figures) {
        expect(await page.locator(`#${name} svg.wide`).isVisible()).toBe(false);
        const box = await page.locator(`#${name} svg.narrow`).boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? PHONE.width)).toBeLessThanOrEqual(PHONE.width);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
      await page.screenshot({ path: join(SCREENSHOTS, `${file.replace(/\W+/g, '-')}-phone.png`), fullPage: true });
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(said).toEqual([]);
      await page.close();
    });
  });

  it('shows the numbers of density.json', async () => {
    const { page } = await opened(at('run/report.html'), { viewport: WIDE, colorScheme: 'light' });
    const { bins, counts, beta, edges } = densityOf('run');
    const weight = await valuesOf(page, 'weight');
    expect(column(weight, 0)).toEqual(beta);
    expect(column(weight, 1)).toEqual(counts);
    const fine = await valuesOf(page, 'distribution');
    const perRegion = fine.length / bins;
    const summed = counts.map((_, j) => total(fine.slice(j * perRegion, (j + 1) * perRegion).flat()));
    expect(summed).toEqual(counts);
    const contribution = await valuesOf(page, 'contribution');
    for (const i of [0, 1, 2]) expect(total(column(contribution, i))).toBeCloseTo(1, 9);
    // beta times g, by one constant for all regions
    const reformulation = await valuesOf(page, 'reformulation');
    const ratios = reformulation.map(([plain, , weighted], j) => weighted / (plain * beta[j]));
    for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 9);
    for (const [j, [plain]] of reformulation.entries()) expect(plain).toBeCloseTo((edges[j] + edges[j + 1]) / 2, 12);
    await page.close();
  });

  it('shows the curve of windows, the groups and the batches of density.json', async () => {
    const windowed = await opened(at('windowed/report.html'), { viewport: WIDE, colorScheme: 'light' });
    const { window } = densityOf('windowed');
    const curve = await valuesOf(windowed.page, 'weight');
    expect(column(curve, 0)).toEqual(window?.beta);
    expect(column(curve, 1)).toEqual(window?.gradientDensity);
    const grouped = await opened(at('grouped/report.html'), { viewport: WIDE, colorScheme: 'light' });
    const { groups } = densityOf('grouped');
    const rows = await valuesOf(grouped.page, 'groups');
    expect(column(rows, 0)).toEqual(groups?.total);
    expect(column(rows, 5)).toEqual(groups?.beta.map(([first]) => first));
    const batched = await opened(at('batched/report.html'), { viewport: WIDE, colorScheme: 'light' });
    const { batches } = densityOf('batched');
    expect(column(await valuesOf(batched.page, 'batches'), 2)).toEqual(batches?.meanWeight);
    for (const { page } of [windowed, grouped, batched]) await page.close();
  });
});
