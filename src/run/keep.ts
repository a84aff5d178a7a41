import type { Breathe } from '../breath.ts';
import { inputError, usageError } from '../errors.ts';
import type { OutputFormat } from '../options/options.ts';
import type { OutputForm } from '../sinks/output-suffix.ts';
import { outputArrayName } from '../sinks/output-suffix.ts';
import { columnNames, type KeptColumns } from '../sinks/weight-rows.ts';
import { nearestName } from '../sources/nearest-name.ts';
import { openFile } from '../sources/open-file.ts';
import type { Format, Part } from '../sources/source.ts';

/** How outputs are written, and which columns of the inputs go with them. */
export interface KeepOptions extends OutputForm {
  readonly keep: readonly string[];
}

/** The columns that a part's output takes over from its input; `null` for none. */
export const keptOf = ({ logits }: Part, { keep }: KeepOptions): KeptColumns | null =>
  keep.length === 0 ? null : { path: logits.path, format: logits.format, columns: keep };

/** The formats of inputs whose columns each format of outputs takes over. */
const SOURCES: Readonly<Partial<Record<OutputFormat, readonly Format[]>>> = {
  parquet: ['parquet', 'arrow', 'csv', 'jsonl'],
  arrow: ['arrow', 'parquet', 'csv', 'jsonl'],
};

/**
 * Sees that the columns to keep are in the inputs, which have to be of a format that the outputs can take them from.
 *
 * @throws usageError for inputs of another format, or a name that a column of weights has; inputError for a missing column
 */
export async function checkKeep(parts: Iterable<Part>, options: KeepOptions, breathe: Breathe): Promise<void> {
  const { keep, format, outputDtype } = options;
  if (keep.length === 0) return;
  const seen = new Set<string>();
  for (const { logits, classes } of parts) {
    const sources = SOURCES[format] ?? [];
    if (!sources.includes(logits.format)) {
      throw usageError(
        `--keep: takes columns of ${sources.join(', ')} inputs into --format ${format}, and ${logits.name} is ${logits.format}; ` +
          'join it to the outputs by row instead',
      );
    }
    const own = columnNames(outputArrayName(outputDtype), logits.shape, classes);
    const taken = keep.find((name) => own.includes(name));
    if (taken !== undefined) throw usageError(`--keep ${taken}: is what a column of weights is called`);
    if (seen.has(logits.path)) continue;
    seen.add(logits.path);
    const name = logits.name.slice(0, logits.name.lastIndexOf('['));
    const { keys } = await openFile({ path: logits.path, name }, breathe.signal);
    await breathe();
    const missing = keep.find((column) => !keys.includes(column));
    if (missing === undefined) {
      await checkTypes({ path: logits.path, format: logits.format, columns: keep }, format);
      continue;
    }
    const near = nearestName(missing, keys);
    throw inputError(
      `${name}: holds no column ${JSON.stringify(missing)} to keep; it holds ${keys.slice(0, 20).join(', ')}` +
        `${near === null ? '' : `. Did you mean ${near}?`}`,
    );
  }
}

/** @throws usageError for a column of a type that the format of the outputs does not have */
async function checkTypes(kept: KeptColumns, format: OutputFormat): Promise<void> {
  if (format === 'arrow' && kept.format !== 'arrow') {
    const { checkDecodable } = await import('../sinks/decoded-columns.ts');
    await checkDecodable(kept);
  }
  if (format === 'parquet' && kept.format === 'arrow') {
    const { ArrowColumns } = await import('../sinks/arrow-columns.ts');
    (await ArrowColumns.open(kept)).close();
  }
}
