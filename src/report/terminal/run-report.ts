import { lossesOf } from '../../density/loss.ts';
import { scaleName, scaleOf } from '../../density/scale.ts';
import type { EngineFacts } from '../../engines/engine.ts';
import { describeShards } from '../../partial/merge-shards.ts';
import type { ShardSummary } from '../../run/apply-shard.ts';
import type { PartialSummary, PassTime, Summary, SummaryDensity } from '../../run/summary.ts';
import { counted, duration, fileSize, percent, rate, significant, thousands } from './number-format.ts';
import type { Page } from './page.ts';
import { printable } from './printable.ts';
import { regionLines } from './region-table.ts';

/** What is on the screen after `reweight`, `apply` and `demo`. */
export function runReport(summary: Summary, page: Page): string[] {
  const { density } = summary;
  return [
    totalLine(density.total, density.ignored),
    lossLine(density),
    '',
    ...regionLines(density, page),
    '',
    densityLine(density),
    ...uncertainLines(density),
    ...boundLines(density),
    writtenLine(summary),
    ...engineLines(summary.engine),
    ...passLines(summary),
  ];
}

/** What is on the screen after `histogram` and `merge`. */
export function partialReport(partial: PartialSummary, page: Page): string[] {
  const scale = scaleOf(partial);
  const isOfLogits = scale.task === 'classification' && !scale.softTargets;
  const positives = `; ${thousands(partial.positives)} positive (${percent(partial.positives, partial.total)})`;
  const what = isOfLogits ? `${partial.kind} logits` : `a ${scaleName(scale)}`;
  return [
    `${totalLine(partial.total, partial.ignored)}${isOfLogits ? positives : ''}`,
    '',
    ...regionLines(partial, page),
    '',
    `${partialLine(partial)}; the counts are those of ${what}`,
    ...engineLines(partial.engine),
    nextLine(partial),
  ];
}

const partialLine = ({ out, bytes, seconds, wasThere }: PartialSummary): string =>
  wasThere
    ? `${printable(out)} was there already, whole: nothing to do`
    : `wrote ${printable(out)}, ${fileSize(bytes)}, in ${duration(seconds)}`;

function nextLine({ shards }: PartialSummary): string {
  if (shards === undefined) return 'next: ghm merge adds partials, ghm apply --density FILE weighs with one';
  return `holds ${describeShards(shards)}; next: ghm merge, of all of them`;
}

/** What is on the screen after `apply --shard`. */
export function shardReport({ shard, folder, out, samples, pieces, pass, engine, wasThere }: ShardSummary): string[] {
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const did = `${counted(samples, 'sample')}, ${fileSize(bytes)}`;
  return [
    wasThere
      ? `${printable(folder)} was there already, whole: nothing to do (${did})`
      : `wrote ${printable(folder)}, ${did}, in ${duration(pass.seconds)}`,
    ...engineLines(engine),
    `next: ghm finish ${printable(out)}, when all ${shard.of} shards are there`,
  ];
}

const LOSS_TITLES = { ce: 'cross-entropy', focal: 'focal', ghmc: 'GHM-C', asl1: 'ASL1', ghmr: 'GHM-R' } as const;

function lossLine({ task, loss }: SummaryDensity): string {
  const means = lossesOf(task).map((name) => `${LOSS_TITLES[name]} ${significant(loss[name] ?? null)}`);
  return `mean loss: ${means.join(', ')}`;
}

function totalLine(total: number, ignored: number): string {
  const left = ignored === 0 ? 'none ignored' : `${thousands(ignored)} ignored (${percent(ignored, total + ignored)})`;
  return `${counted(total, 'sample')} counted, ${left}`;
}

/** The formula of beta as it was used. */
function densityLine(density: SummaryDensity): string {
  const scale = density.meanOne ? ', scaled to a mean of 1' : '';
  const clip = density.maxWeight === undefined ? '' : `, no more than ${significant(density.maxWeight)}`;
  if (density.window) {
    return `beta = N / GD, GD in a window of ${significant(density.window.epsilon)} around each sample${scale}${clip}`;
  }
  const regions = density.normalize === 'valid-bins' ? density.validBins : density.bins;
  return `beta = N / (samples of the region x ${thousands(regions)})${scale}${clip}: ${thousands(density.validBins)} of ${counted(density.bins, 'unit region')} hold samples, ${density.normalize}`;
}

/** How sure the density of windows is. */
function boundLines({ window }: SummaryDensity): string[] {
  if (window === undefined) return [];
  const { max, mean } = window.errorBound;
  if (max === 0) return ['GD is exact'];
  const share = (bound: number): string => `${significant(100 * bound)} %`;
  return [`GD is certain to ${share(mean)} in the mean over the samples, ${share(max)} at worst`];
}

function uncertainLines(density: SummaryDensity): string[] {
  if (!density.countsUncertain) return [];
  return [
    `counts come from a partial: up to ${counted(density.countsUncertain, 'sample')} may be in the region beside`,
  ];
}

/** Of tensors: which, and why those. */
function engineLines(engine: EngineFacts | undefined): string[] {
  if (!engine?.backend) return [];
  const { package: name, version, backend, why } = engine.backend;
  return [`computed by ${name} ${version}, backend ${backend}: ${printable(why)}`];
}

function writtenLine(summary: Summary): string {
  const bytes = summary.outputs.reduce((sum, file) => sum + file.bytes, 0);
  // summary.json does not list itself
  return `wrote ${counted(summary.outputs.length + 1, 'file')}, ${fileSize(bytes)}, to ${printable(summary.out)}`;
}

function passLines(summary: Summary): string[] {
  const passes: (readonly [string, PassTime | undefined])[] = [
    ['count', summary.passes.count],
    ['weigh', summary.passes.weigh],
  ];
  const times = passes.flatMap(([name, time]) => {
    if (time === undefined) return [];
    const bytes = time.seconds > 0 ? `, ${fileSize(time.bytes / time.seconds)}/s` : '';
    return [`${name} ${duration(time.seconds)}, ${rate(time.samplesPerSecond)}${bytes}`];
  });
  return [...times, `in all ${duration(summary.seconds)}`];
}
