import { breathing } from '../breath.ts';
import { type ChecksummedFile, checksumOf } from '../checksummed-file.ts';
import type { CellCounts } from '../density/cells.ts';
import type { Density } from '../density/density.ts';
import type { EngineFacts } from '../engines/engine.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { CompleteOutputOptions, CompleteRunOptions } from '../options/complete-options.ts';
import { packageVersion } from '../package-files.ts';
import type { LateFacts } from '../report/html/report.ts';
import { type ReportFile, type ReportInput, SHOWN_INPUTS } from '../report/html/report-input.ts';
import { sealOf } from '../sealed-json.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import type { OutputForm } from '../sinks/output-suffix.ts';
import type { Staging } from '../sinks/staging.ts';
import { arraysOfAll, type Part } from '../sources/source.ts';
import { densityJson } from './density-json.ts';
import { codeTableFile } from './output-dtype.ts';
import { outputPath } from './outputs.ts';
import type { Origin, Stream } from './stream.ts';
import type { InputFile, Summary } from './summary.ts';

const DENSITY_FILE = 'density.json';
export const SUMMARY_FILE = 'summary.json';
const REPORT_FILE = 'report.html';
const CODE_TABLE_FILE = 'code-table.npy';

/** Outputs of a run beside the weights. */
const DOCUMENTS = [DENSITY_FILE, SUMMARY_FILE, REPORT_FILE] as const;

/** All outputs of a run, below the output folder, gone over as they are asked for. */
export const outputPaths = (
  { parts, origin }: { readonly parts: List<Pick<Part, 'outputName'>>; readonly origin?: Pick<Origin, 'outputs'> },
  form: OutputForm,
): Iterable<string> => ({
  *[Symbol.iterator]() {
    for (const part of parts) yield outputPath(part, form);
    yield* origin?.outputs ?? [];
    yield* DOCUMENTS;
    if (form.outputDtype === 'code') yield CODE_TABLE_FILE;
  },
});

/** What is known at the end of a run. */
export interface FinishedRun {
  readonly command: Summary['command'];
  /** What tells this run from others; absent where it was made of shards. */
  readonly digest?: string;
  readonly started: Date;
  readonly stream: Pick<Stream, 'parts' | 'samples' | 'warnings' | 'origin'>;
  /** Absent where others have weighed. */
  readonly engine?: EngineFacts;
  readonly density: Density;
  /** `null` where the run was given a density.json. */
  readonly counts: CellCounts | null;
  /** Outputs that the stream's origin wrote. */
  readonly besides: readonly ChecksummedFile[];
  readonly weights: readonly ChecksummedFile[];
  readonly passes: Summary['passes'];
  /** The file that the density was read from, if it was. */
  readonly densityFile?: ChecksummedFile;
  readonly report: DrawnReport;
}

/** Writes density.json, report.html and summary.json, and puts everything in place. */
export async function finishRun(
  staging: Staging,
  run: FinishedRun,
  options: CompleteOutputOptions & Pick<CompleteRunOptions, 'signal'>,
): Promise<Summary> {
  const breathe = breathing(options.signal);
  const documents: ChecksummedFile[] = [...run.besides];
  const write = async (path: string, bytes: Uint8Array) => {
    await staging.write(path, bytes);
    documents.push({ path, ...checksumOf(bytes) });
    await breathe();
  };
  await write(DENSITY_FILE, Buffer.from(densityJson(run.density)));
  if (options.outputDtype === 'code') await write(CODE_TABLE_FILE, codeTableFile(run.density));
  await write(REPORT_FILE, Buffer.from(await reportOf(run)));
  const summary = summaryOf(run, options, [...run.weights, ...documents]);
  await staging.write(SUMMARY_FILE, summaryText(summary));
  await staging.finish(breathe);
  return summary;
}

function* summaryText(summary: Summary): Generator<string> {
  yield* jsonPieces(summary, 2);
  yield '\n';
}

function summaryOf(run: FinishedRun, options: CompleteOutputOptions, outputs: readonly ChecksummedFile[]): Summary {
  const summary = {
    schema: 'ghm.summary/1',
    command: run.command,
    ...(run.digest !== undefined && { run: run.digest }),
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    started: run.started.toISOString(),
    seconds: (Date.now() - run.started.getTime()) / 1000,
    ...(run.engine && { engine: run.engine }),
    options: plainOptions(run.stream.origin?.options ?? options),
    inputs: [...inputsOf(run.stream)],
    ...(run.densityFile && { densityFile: run.densityFile }),
    out: options.out,
    outputs,
    samples: run.stream.samples,
    passes: run.passes,
    density: withoutPieces(run.density),
    warnings: run.stream.warnings,
  } as const;
  return { ...summary, sha256: sealOf(summary) };
}

/** The pieces of a window are thousands of numbers: density.json has them. */
const withoutPieces = ({ window, ...density }: Density): Summary['density'] => {
  if (window === undefined) return density;
  const { pieces: _, ...rest } = window;
  return { ...density, window: rest };
};

function* inputsOf({ origin, parts }: FinishedRun['stream']): Generator<InputFile> {
  if (origin !== undefined) yield* origin.inputs;
  else
    for (const { name, identity, dtype, shape } of arraysOfAll(parts))
      yield { path: name, bytes: identity.size, dtype, shape };
}

/** What a report shows of the inputs. */
function shownInputs(stream: FinishedRun['stream']): ReportInput['inputs'] {
  const first: ReportFile[] = [];
  let count = 0;
  for (const { path, shape, dtype } of inputsOf(stream)) {
    if (count++ < SHOWN_INPUTS) first.push({ name: path, shape, dtype });
  }
  return { count, first };
}

/** The options as JSON can hold them: no callbacks, no signal. */
export function plainOptions(options: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([key, value]) => typeof value !== 'function' && value !== undefined && key !== 'signal',
    ),
  );
}

/** The report but for what is known last. */
export type DrawnReport = (facts: LateFacts) => Promise<string>;

/**
 * Begins to load what draws the report, 0.2 s of work for the main thread, which idles while the workers count. Should it
 * fail, it fails again where the report is drawn, and is reported there.
 */
export function preloadReport(): void {
  void Promise.all([import('../report/html/report.ts'), import('../report/html/canvas.ts')])
    .then(([, { openCanvas }]) => openCanvas())
    .catch(() => undefined);
}

/** Draws the report, while the workers weigh: the main thread has nothing to do then. */
export function beginReport(
  {
    command,
    started,
    stream,
    density,
    counts,
  }: Omit<FinishedRun, 'digest' | 'weights' | 'besides' | 'passes' | 'report' | 'engine'>,
  options: CompleteOutputOptions & Pick<CompleteRunOptions, 'signal'>,
): DrawnReport {
  const drawing = import('../report/html/report.ts').then(({ drawReport }) =>
    drawReport(
      {
        density,
        counts,
        title: `GHM report: ${stream.parts.length === 1 ? itemOf(stream.parts, 0).logits.name : `${stream.parts.length} files`}`,
        name: options.out,
        command: `ghm ${command}`,
        inputs: shownInputs(stream),
        options: plainOptions(stream.origin?.options ?? options),
        version: packageVersion(),
        time: started.toISOString(),
        warnings: stream.warnings,
      },
      breathing(options.signal),
    ),
  );
  // a failure is told where the report is asked for, which a failed pass never comes to
  drawing.catch(() => undefined);
  return async (facts) => (await drawing)(facts);
}

async function reportOf({ report, passes: { weigh } }: FinishedRun): Promise<string> {
  return report(weigh ? { samplesPerSecond: weigh.samplesPerSecond } : {});
}
