import type {
  ApplyOptions,
  CocoApplyOptions,
  CocoHistogramOptions,
  CocoReweightOptions,
  HistogramOptions,
  ReweightOptions,
  ShardApplyOptions,
} from '../options/options.ts';
import type { RunPlan } from '../options/results.ts';
import { validateApply } from '../options/validate.ts';
import { asksForCoco } from '../options/validate-coco.ts';
import type { OutputForm } from '../sinks/output-suffix.ts';
import { prepareApply } from './apply.ts';
import { prepareShard } from './apply-shard.ts';
import { prepareHistogram } from './histogram.ts';
import { outputBytesOf } from './output-dtype.ts';
import { outputPath } from './outputs.ts';
import { prepareReweight } from './reweight.ts';
import type { Stream } from './stream.ts';

/** What `reweight` would do, from headers alone, after every check that it makes before it reads. Writes nothing. */
export async function planReweight(rawOptions: ReweightOptions | CocoReweightOptions): Promise<RunPlan> {
  if (asksForCoco(rawOptions)) {
    const { planReweightOfDetections } = await import('./detections.ts');
    return planReweightOfDetections(rawOptions);
  }
  const { options, stream } = await prepareReweight(rawOptions);
  return { command: 'reweight', out: options.out, ...planOf(stream, 2, options) };
}

/** What `histogram` would do. */
export async function planHistogram(rawOptions: HistogramOptions | CocoHistogramOptions): Promise<RunPlan> {
  if (asksForCoco(rawOptions)) {
    const { planHistogramOfDetections } = await import('./detections.ts');
    return planHistogramOfDetections(rawOptions);
  }
  const { options, stream } = await prepareHistogram(rawOptions);
  return { command: 'histogram', out: options.out, ...planOf(stream, 1, null) };
}

/** What `apply` would do; its density is read and checked. */
export async function planApply(rawOptions: ApplyOptions | ShardApplyOptions | CocoApplyOptions): Promise<RunPlan> {
  if (asksForCoco(rawOptions)) {
    const { planApplyToDetections } = await import('./detections.ts');
    return planApplyToDetections(rawOptions);
  }
  const { options, stream } = await ('shard' in rawOptions
    ? prepareShard(rawOptions)
    : prepareApply(validateApply(rawOptions)));
  return { command: 'apply', out: options.out, ...planOf(stream, 1, options) };
}

/** The plan of a stream; `form` is `null` where no weights are written. */
export function planOf(stream: Stream, passes: number, form: OutputForm | null): Omit<RunPlan, 'command' | 'out'> {
  return {
    samples: stream.samples,
    parts: stream.parts.map((part) => ({
      logits: part.logits.name,
      labels: part.labels.name,
      labelWeights: part.labelWeights?.name ?? null,
      rows: part.rows,
      classes: part.classes,
      targets: part.targets,
      output: form && outputPath(part, form),
    })),
    shards: stream.shards.length,
    threads: stream.memory.layout.threads,
    bytesRead: passes * stream.bytes,
    bytesWritten: form ? stream.samples * outputBytesOf(form.outputDtype) : 0,
    memoryBytes: stream.memory.layout.bytes,
    warnings: stream.warnings,
  };
}
