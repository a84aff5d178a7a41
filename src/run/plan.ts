import type { ReweightOptions } from '../options/options.ts';
import type { RunPlan } from '../options/results.ts';
import { validateReweight } from '../options/validate.ts';
import { checkOutputPlace } from '../sources/output-place.ts';
import { DTYPE_BYTES } from '../sources/source.ts';
import { betaPath } from './outputs.ts';
import { openStream } from './stream.ts';

/** What `reweight` would do, from headers alone. Writes nothing. */
export function plan(rawOptions: ReweightOptions): RunPlan {
  const options = validateReweight(rawOptions);
  const stream = openStream(options, options.bins, true);
  checkOutputPlace(options.out, stream.parts, options);
  return {
    samples: stream.samples,
    parts: stream.parts.map((part) => ({
      logits: part.logits.name,
      labels: part.labels.name,
      labelWeights: part.labelWeights?.name ?? null,
      rows: part.rows,
      classes: part.classes,
      targets: part.targets,
      output: betaPath(part),
    })),
    shards: stream.shards.length,
    threads: stream.memory.layout.threads,
    bytesRead: stream.bytes,
    bytesWritten: stream.samples * DTYPE_BYTES[options.outputDtype],
    memoryBytes: stream.memory.layout.bytes,
    warnings: stream.warnings,
  };
}
