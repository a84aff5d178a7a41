import type { ChecksummedFile } from '../checksummed-file.ts';
import type { Density, WindowDensity } from '../density/density.ts';
import type { Scale } from '../density/scale.ts';
import type { EngineFacts } from '../engines/engine.ts';

/** Time of one pass. */
export interface PassTime {
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** Bytes read and written. */
  readonly bytes: number;
}

export interface InputFile {
  readonly path: string;
  readonly bytes: number;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A density without the pieces of its window. */
export interface SummaryDensity extends Omit<Density, 'window'> {
  readonly window?: Omit<WindowDensity, 'pieces'>;
}

/** `summary.json`: the circumstances of a run. */
export interface Summary {
  readonly schema: 'ghm.summary/1';
  readonly command: 'reweight' | 'apply';
  /** Runs of equal inputs, options and version have the same here; absent where it was made of shards. */
  readonly run?: string;
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly started: string;
  readonly seconds: number;
  /** What computed it; absent of shards, which may have been computed by several. */
  readonly engine?: EngineFacts;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputFile[];
  /** The partial or density.json that was applied, its path as the user gave it. */
  readonly densityFile?: ChecksummedFile;
  readonly out: string;
  /** All files but `summary.json` itself. */
  readonly outputs: readonly ChecksummedFile[];
  readonly samples: number;
  readonly passes: { readonly count?: PassTime; readonly weigh?: PassTime };
  /** As density.json, but for the pieces of a window. */
  readonly density: SummaryDensity;
  readonly warnings: readonly string[];
  /** The seal of all fields before it. */
  readonly sha256: string;
}

/** What `histogram` and `merge` return. */
export interface PartialSummary {
  readonly command: 'histogram' | 'merge';
  /** What counted it; absent for a sum. */
  readonly engine?: EngineFacts;
  readonly task: Scale['task'];
  readonly softTargets?: true;
  readonly mu?: number;
  readonly out: string;
  readonly bytes: number;
  readonly kind: 'float32' | 'float16';
  readonly bins: number;
  readonly total: number;
  readonly ignored: number;
  readonly positives: number;
  /** Batches or groups that were counted beside the whole, as the options ask for them; absent without. */
  readonly sets?: { readonly by: string; readonly count: number };
  /** The shards of the stream that are in it; absent where it counts all of a stream. */
  readonly shards?: { readonly of: number; readonly indices: readonly number[] };
  /** Only where it was there already, from another run of the shard, and nothing was counted. */
  readonly wasThere?: true;
  /** Region counts at `bins`. */
  readonly counts: readonly number[];
  readonly seconds: number;
}
