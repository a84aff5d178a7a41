/** What the commands that only look return: plans, inspections, verifications. Plain data, printed as it is by `--json`. */
import type { Summary } from '../run/summary.ts';
import type { Targets } from '../sources/source.ts';

/** One logits file and what belongs to it. Paths as the user would write them. */
export interface PlannedPart {
  readonly logits: string;
  readonly labels: string;
  readonly labelWeights: string | null;
  readonly rows: number;
  readonly classes: number;
  readonly targets: Targets;
  /** Path of the weights below the output folder; `null` where none are written. */
  readonly output: string | null;
}

/** What a run would do, from headers alone. */
export interface RunPlan {
  readonly command: 'reweight' | 'histogram' | 'apply';
  readonly out: string;
  readonly samples: number;
  readonly parts: readonly PlannedPart[];
  readonly shards: number;
  readonly threads: number;
  /** Bytes of the inputs, as often as they are read: once a pass. */
  readonly bytesRead: number;
  /** Bytes of all weights. */
  readonly bytesWritten: number;
  /** Shared buffers of all threads. */
  readonly memoryBytes: number;
  /** Where headers do not tell and the inputs were read whole for the plan: COCO results. */
  readonly readWhole?: boolean;
  readonly warnings: readonly string[];
}

/** One array as found in its header; or a file of COCO data, whose shape is its entries. */
export interface InspectedFile {
  readonly path: string;
  /** In a file of several arrays. */
  readonly key?: string;
  readonly format: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteOrder: string;
  readonly role:
    | 'logits'
    | 'labels'
    | 'label_weights'
    | 'bbox_pred'
    | 'bbox_target'
    | 'bbox_weights'
    | 'coco_results'
    | 'coco_annotations'
    | 'unknown';
  /** Why this role. */
  readonly why: string;
  /** That it takes in its file. */
  readonly bytes: number;
  /** Whether it has to be unpacked before a run. */
  readonly packed: boolean;
  /** Least and greatest value of the first `elements`; absent where none is finite. */
  readonly range?: { readonly min: number; readonly max: number; readonly elements: number };
}

/** What a run would take, roughly. */
export interface RunEstimate {
  readonly threads: number;
  /** Resident memory of the process at its peak. */
  readonly memoryBytes: number;
  /** Temporary file for what is unpacked. */
  readonly diskBytes: number;
  /** With the files in the page cache. */
  readonly seconds: number;
}

/** What `inspect` found. */
export interface InspectReport {
  readonly files: readonly InspectedFile[];
  /** How the files would be read together, one sentence a line. */
  readonly reading: readonly string[];
  /** Absent where they cannot be read together. */
  readonly estimate?: RunEstimate;
}

/** What `verify` found. */
export interface VerifyReport {
  readonly command: 'verify';
  /** In the order given. */
  readonly verified: readonly (VerifiedRun | VerifiedPartial)[];
  /** Nothing where all is as it was written. */
  readonly damage: readonly Damage[];
  readonly seconds: number;
}

/** A file that is not as it was written, or not there. */
export interface Damage {
  readonly path: string;
  /** Names the file, what was expected and what was found. */
  readonly message: string;
}

/** The output folder of a run, and what made it. */
export interface VerifiedRun {
  readonly kind: 'run';
  readonly path: string;
  /** Files that were compared with their checksums, and what they hold. */
  readonly files: number;
  readonly bytes: number;
  /** From summary.json; `null` where that itself is damaged or missing. */
  readonly run: Provenance | null;
}

/** Which inputs made outputs, with which options and version. */
export type Provenance = Pick<
  Summary,
  'command' | 'version' | 'node' | 'platform' | 'started' | 'seconds' | 'options' | 'inputs' | 'densityFile'
>;

/** A partial, which seals itself: no paths and no times are in it, so that equal counts are equal bytes. */
export interface VerifiedPartial {
  readonly kind: 'partial';
  readonly path: string;
  /** `null` where it is damaged. */
  readonly holds: {
    readonly bytes: number;
    readonly task: Summary['density']['task'];
    readonly cells: 'float32' | 'float16';
    readonly bins: number;
    readonly total: number;
    readonly ignored: number;
    /** Batches or groups, as the options ask for them. */
    readonly sets?: string;
  } | null;
}
