// The kernels on 1 to all cores, each thread on a chunk of its own that stays in its core's cache. See README.md.
import { count, counts, flags } from './arguments.ts';
import { Crew, type Pass } from './crew.ts';
import { duration, median, ratio, speed, spread, type Timing } from './measure.ts';
import { allowedCores } from './pin.ts';
import { machineLines, markdownTable } from './table.ts';

const cores = Math.max(1, allowedCores().length);
const options = flags({
  threads: Array.from({ length: cores }, (_, i) => i + 1).join(),
  chunks: '8000',
  bins: '30',
  rounds: '7',
});
const list = counts('threads', options.threads);
const chunks = count('chunks', options.chunks);
const rounds = count('rounds', options.rounds);

console.log(`## ghm kernels on several threads, ${cores} cores, ${rounds} rounds\n\n${machineLines()}\n`);

const crews: Crew[] = [];
for (const threads of list) crews.push(await Crew.start(threads, count('bins', options.bins)));
const samples = chunks * crews[0].samples;

for (const pass of ['count', 'weigh'] as const satisfies readonly Pass[]) {
  const seconds = crews.map((): number[] => []);
  // all numbers of threads in each round, so that whatever else runs meets all of them
  for (let round = -1; round < rounds; round++) {
    for (const [i, crew] of crews.entries()) {
      const elapsed = await crew.run(pass, chunks);
      if (round >= 0) seconds[i].push(elapsed);
    }
  }
  const timings = crews.map(({ threads }, i): Timing => ({ name: `${threads}`, seconds: seconds[i] }));
  const single = timings[list.indexOf(1)];
  const rows = timings.map((timing, i) => {
    const speedUp = single === undefined ? Number.NaN : ratio(single, timing).ofRounds;
    const best = single === undefined ? Number.NaN : Math.min(...single.seconds) / Math.min(...timing.seconds);
    return [
      timing.name,
      duration(median(timing.seconds)),
      spread(timing),
      speed(samples, timing),
      speedUp.toFixed(2),
      best.toFixed(2),
      `${((100 * speedUp) / list[i]).toFixed(0)} %`,
    ];
  });
  const head = ['threads', 'median', 'min .. max', 'samples', 'speed-up of rounds', 'of the best', 'efficiency'];
  console.log(
    `### ${pass}: ${(samples / 1e6).toFixed(0)} M samples, the same in all\n\n${markdownTable(head, rows)}\n`,
  );
}
for (const crew of crews) await crew.stop();
