import type { ApplyOptions, HistogramOptions, OutputDtype, ReweightOptions } from '../options/options.ts';
import type { RunPlan } from '../options/results.ts';
import { prepareApply } from './apply.ts';
import { prepareHistogram } from './histogram.ts';
import { betaPath, outputBytesOf } from './outputs.ts';
import { prepareReweight } from './reweight.ts';
import type { Stream } from './stream.ts';

/** What `reweight` would do, from headers alone, after every check that it makes before it reads. Writes nothing. */
export async function planReweight(rawOptions: ReweightOptions): Promise<RunPlan> {
  const { options, stream } = prepareReweight(rawOptions);
  return { command: 'reweight', out: options.out, ...planOf(stream, 2, options.outputDtype) };
}

/** What `histogram` would do. */
export async function planHistogram(rawOptions: HistogramOptions): Promise<RunPlan> {
  const { options, stream } = prepareHistogram(rawOptions);
  return { command: 'histogram', out: options.out, ...planOf(stream, 1, null) };
}

/** What `apply` would do; its density is read and checked. */
export async function planApply(rawOptions: ApplyOptions): Promise<RunPlan> {
  const { options, stream } = await prepareApply(rawOptions);
  return { command: 'apply', out: options.out, ...planOf(stream, 1, options.outputDtype) };
}

/** `dtype` is `null` where no weights are written. */
function planOf(stream: Stream, passes: number, dtype: OutputDtype | null): Omit<RunPlan, 'command' | 'out'> {
  return {
    samples: stream.samples,
    parts: stream.parts.map((part) => ({
      logits: part.logits.name,
      labels: part.labels.name,
      labelWeights: part.labelWeights?.name ?? null,
      rows: part.rows,
      classes: part.classes,
      targets: part.targets,
      output: dtype && betaPath(part),
    })),
    shards: stream.shards.length,
    threads: stream.memory.layout.threads,
    bytesRead: passes * stream.bytes,
    bytesWritten: dtype ? stream.samples * outputBytesOf(dtype) : 0,
    memoryBytes: stream.memory.layout.bytes,
    warnings: stream.warnings,
  };
}
