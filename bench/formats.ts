// Pass 1 over the same samples in each format, as a process from start to end, against DuckDB's scan and aggregate of the
// same Parquet file: GHM regions by SQL, GROUP BY; a deflated .npz also against only inflating its members, both at once.
// Counts are compared before a time is printed.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, flags } from './arguments.ts';
import { generateFiles, withFolder } from './data.ts';
import { CODECS, writeFormats } from './format-files.ts';
import { duration, median, race, ratio, spread, times } from './measure.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '20M',
  rounds: '5',
  bins: '30',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : '.',
});
const samples = count('samples', options.samples);
const bins = count('bins', options.bins);
const threads = String(count('threads', options.threads));
const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** Output of a process, from start to end. */
function output(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const ghm = (folder: string, inputs: readonly string[]): string => {
  const out = join(folder, 'counts.ghm');
  rmSync(out, { force: true });
  const run = ['histogram', ...inputs, '--out', out, '--bins', String(bins), '--threads', threads, '--json', '--quiet'];
  return JSON.parse(output([MAIN, ...run])).counts.join();
};

const duckdb = (path: string): string => {
  const region = `least(floor(abs(1 / (1 + exp(-logits)) - labels) * ${bins}), ${bins - 1})::UTINYINT`;
  const script =
    `const { DuckDBInstance } = await import(${JSON.stringify(import.meta.resolve('@duckdb/node-api'))});` +
    `const db = await (await DuckDBInstance.create(':memory:', { threads: '${threads}' })).connect();` +
    `const rows = (await db.runAndReadAll("SELECT ${region} AS r, count(*) FROM read_parquet('${path}') GROUP BY r ORDER BY r")).getRows();` +
    `const counts = new Array(${bins}).fill(0); for (const [r, n] of rows) counts[r] = Number(n); console.log(counts.join());`;
  return output(['--input-type=module', '-e', script]).trim();
};

/** Inflates the members of an .npz, and does nothing with them. A process of its own, as the others are. */
function inflate(path: string): string {
  const script =
    `const { openPromise } = (await import(${JSON.stringify(import.meta.resolve('yauzl'))})).default;` +
    `const zip = await openPromise(${JSON.stringify(path)}, { autoClose: false, lazyEntries: true });` +
    `const entries = []; for await (const entry of zip.eachEntry()) entries.push(entry);` +
    `const bytes = await Promise.all(entries.map(async (entry) => { let n = 0;` +
    `for await (const piece of await zip.openReadStreamPromise(entry)) n += piece.length; return n; }));` +
    `console.log(bytes.join()); zip.close();`;
  return output(['--input-type=module', '-e', script]).trim();
}

await withFolder(options.dir, async (folder) => {
  await generateFiles(folder, samples);
  const [logits, labels] = ['logits', 'labels'].map((name) => join(folder, `part-00000.${name}.npy`));
  await writeFormats(folder, logits, labels);
  const at = (name: string): string => join(folder, name);
  const ways = [
    { name: 'ghm, .npy', file: logits, run: () => ghm(folder, ['--logits', logits, '--labels', labels]) },
    { name: 'ghm, .npz', file: at('x.npz'), run: () => ghm(folder, [at('x.npz')]) },
    { name: 'ghm, .safetensors', file: at('x.safetensors'), run: () => ghm(folder, [at('x.safetensors')]) },
    { name: 'ghm, Arrow', file: at('x.arrow'), run: () => ghm(folder, [at('x.arrow')]) },
    { name: 'ghm, .npz deflated', file: at('deflated.npz'), run: () => ghm(folder, [at('deflated.npz')]) },
    { name: 'inflating it', file: at('deflated.npz'), run: () => inflate(at('deflated.npz')) },
    ...CODECS.flatMap((codec) => [
      { name: `ghm, Parquet ${codec}`, file: at(`${codec}.parquet`), run: () => ghm(folder, [at(`${codec}.parquet`)]) },
      { name: `DuckDB, Parquet ${codec}`, file: at(`${codec}.parquet`), run: () => duckdb(at(`${codec}.parquet`)) },
    ]),
  ];
  const expected = ways[0].run();
  const contestants = ways.map(({ name, run }) => ({
    name,
    run: () => {
      const counts = run();
      if (name !== 'inflating it' && counts !== expected)
        process.stderr.write(`${name}: counts differ\n  ${expected}\n  ${counts}\n`);
      return counts.length;
    },
  }));
  const timings = await race(contestants, count('rounds', options.rounds));
  const rows = timings.map((timing, i) => {
    const other = /^(DuckDB|inflating)/.test(timing.name) ? timings[i - 1] : timings[0];
    const { ofMedians, ofRounds } = ratio(timing, other);
    const beside = other.name === timing.name ? '' : `${times(ofMedians)}, ${times(ofRounds)} times ${other.name}`;
    const bytes = `${(statSync(ways[i].file).size / 2 ** 20).toFixed(0)} MiB`;
    return [timing.name, bytes, duration(median(timing.seconds)), spread(timing), beside];
  });
  console.log(`## formats: ${samples / 1e6} M samples, M = ${bins}, ${threads} threads\n\n${machineLines()}\n`);
  console.log(markdownTable(['', 'file', 'median', 'min .. max', 'medians, rounds'], rows));
});
