import type { EngineName } from './engines.ts';

/** How a library caller or the command line asks for a run. Everything here is validated once, in this folder, and frozen. */

export type Task = 'classification' | 'softmax' | 'regression';
export type LabelFormat = 'auto' | 'binary' | 'index' | 'soft';
export type Normalize = 'valid-bins' | 'all-bins';
/** Unit regions of width 1/M, or a window of width epsilon around each sample. */
export type DensityMethod = 'unit-region' | 'window';
export type NonFinite = 'error' | 'ignore';
export type OutputDtype = 'float32' | 'float16' | 'code';
export type OutputFormat = 'npy' | 'npz' | 'safetensors' | 'parquet' | 'arrow';
/**
 * `unpack` comes first where inputs are compressed; `read` and `write` are of COCO results, which are read before they are
 * counted and written when they are weighed.
 */
export type PassName = 'unpack' | 'read' | 'count' | 'weigh' | 'find' | 'rank' | 'write';

/** One report of how far a pass is. */
export interface Progress {
  readonly pass: PassName;
  readonly done: number;
  /** Samples of the whole pass. */
  readonly total: number;
  /** Seconds since the pass began. */
  readonly elapsed: number;
}

/** What every run accepts. */
export interface RunOptions {
  /** Worker threads. Default: the cores this process may use. */
  readonly threads?: number;
  /** Budget of the buffers shared by all threads, in bytes, or text such as `256MiB`. Default 256 MiB. */
  readonly memory?: number | string;
  /** Ends the run; no output gets its name. */
  readonly signal?: AbortSignal;
  /** Called from time to time on the main thread. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called for what the user should know though the run goes on. */
  readonly onWarning?: (message: string) => void;
}

/** What counts and weighs. */
export interface EngineOptions {
  /** Default `threads`. */
  readonly engine?: EngineName;
}

/** Where the samples are and how labels are read. */
export interface StreamOptions {
  /**
   * `classification` (default): each logit is one decision of its own, sigmoid heads. `softmax`: each row is one decision
   * among its C classes, background among them. `regression`: each number of `bboxPred` is one sample (GHM-R).
   */
  readonly task?: Task;
  /** Files or globs of logits, `[N]` or `[N, C]`, float16, bfloat16, float32 or float64. Either these and `labels`, or `files`. */
  readonly logits?: string | readonly string[];
  /** Files or globs of labels, paired with the logits in natural sort order. */
  readonly labels?: string | readonly string[];
  /** Files or globs of label weights, `[N]`, `[N, 1]` or `[N, C]`; 0 leaves a sample out. */
  readonly labelWeights?: string | readonly string[];
  /**
   * Files or globs of integer columns `[N]`, one value a row, by name and paired with the logits: what `batch` and `group`
   * may go by, and `outliers` may show. With `files` a column is an array of them, by its key, and needs no files here.
   */
  readonly columns?: Readonly<Record<string, string | readonly string[]>>;
  /** Files or globs of files that hold logits, labels and maybe label weights together: .npz or .safetensors. */
  readonly files?: string | readonly string[];
  /**
   * The key of the logits in a file of several arrays. Default `logits`. With a `*`, such as `*.logits`, every key that
   * matches is a part of its own, and `labelsKey` has a `*` too.
   */
  readonly logitsKey?: string;
  /** Default `labels`. */
  readonly labelsKey?: string;
  /** Default `label_weights`, if it is there. */
  readonly labelWeightsKey?: string;
  /**
   * With `task: 'regression'`, instead of logits and labels: files or globs of predicted box deltas, `[N, 4]`, `[N, 4C]` or
   * any `[N, K]`, float16, bfloat16, float32 or float64.
   */
  readonly bboxPred?: string | readonly string[];
  /** Files or globs of what they should be, of the same shape. */
  readonly bboxTarget?: string | readonly string[];
  /** Files or globs of box weights, `[N]`, `[N, 1]` or of the same shape; 0 leaves a sample out. */
  readonly bboxWeights?: string | readonly string[];
  /** Default `bbox_pred`. */
  readonly bboxPredKey?: string;
  /** Default `bbox_target`. */
  readonly bboxTargetKey?: string;
  /** Default `bbox_weights`, if it is there. */
  readonly bboxWeightsKey?: string;
  /** mu of ASL1 = sqrt(d^2 + mu^2) - mu, 1e-30 to 1e30. Default 0.02, that of the paper. */
  readonly mu?: number;
  /**
   * Default `auto`: same shape is binary, one integer a row of `[N, C]`, C > 1, is a class index. `soft`: one target a
   * sample anywhere in [0, 1].
   */
  readonly labelFormat?: LabelFormat;
  /** Default C (`labelBase` 0) or 0 (`labelBase` 1). */
  readonly backgroundLabel?: number;
  /** Default -1. */
  readonly ignoreLabel?: number;
  /** First foreground class: 0 (default), or 1 where 0 is the background. */
  readonly labelBase?: 0 | 1;
  /** What a NaN logit does: `error` (default), or `ignore`: outside N, weight 0. Infinities are counted, at g = 0 or 1. */
  readonly nonFinite?: NonFinite;
}

/** Which part of its stream a run does. */
export interface ShardOptions {
  /**
   * `i/n`: part i (from 1 to n) of n, cut by bytes, within files too. Every machine cuts alike, from headers alone (with
   * batches of a column, from that column too). Default: the whole stream.
   */
  readonly shard?: string;
}

/** Batches or groups, each counted by itself beside the whole. */
export interface SetOptions {
  /**
   * Mini-batches in stream order, across files: `rows:N`, the last one short, or `column:NAME`, of which `batchSize`
   * consecutive values make a batch; the rows of a value have to stand together.
   */
  readonly batch?: string;
  readonly batchSize?: number;
  /** A density for each value of this column, or for each class: `class`, the column of logits `[N, C]`. */
  readonly group?: string;
}

/** How batches make a density. */
export interface MomentumOptions {
  /**
   * alpha of the moving average of the counts over batches, S = alpha S + (1 - alpha) R, at least 0 and below 1; each
   * batch is weighed by S as it is then. Needs `batch`.
   */
  readonly momentum?: number;
  /** Divide S by 1 - alpha^(updates of the region): first batches are then weighed as without momentum. */
  readonly biasCorrection?: boolean;
}

/** How a density is made of counts. */
export interface DensityOptions {
  /** Unit regions M, 1 to 10,000. Default 30. */
  readonly bins?: number;
  /** `valid-bins` (default): beta = N / (R n), n the non-empty regions. `all-bins`: beta = N / (R M). */
  readonly normalize?: Normalize;
  /** Only for windows: their width in gradient norm, above 0, at most 2. Default 1 / bins. */
  readonly epsilon?: number;
  /** No beta above this. */
  readonly maxWeight?: number;
  /** Exponent of the focal loss that is reported beside, 0 or more. Default 2. */
  readonly focalGamma?: number;
  /** Its weight of a positive, 0 to 1. Default 0.25. */
  readonly focalAlpha?: number;
  /** Scale the weights so that their mean over the counted samples is 1; `maxWeight`, at least 1 then, still holds. */
  readonly meanOne?: boolean;
}

/** Where the weights go. */
export interface OutputOptions {
  /** Folder of the outputs; made if missing. */
  readonly out: string;
  /** Default `npy`. */
  readonly format?: OutputFormat;
  /** Default `float32`. `code`: a uint8 a sample, the number of its region, 255 where it is left out; for M up to 255. */
  readonly outputDtype?: OutputDtype;
  /** Columns of Parquet, Arrow, CSV or JSON Lines inputs to carry into Parquet or Arrow outputs, before the weights. Default none. */
  readonly keep?: string | readonly string[];
  /** Replace outputs that exist, and start over where a run was not finished. */
  readonly force?: boolean;
  /** Go on with what the same run has left in `out` when it was ended, if it has left anything. */
  readonly resume?: boolean;
}

/** What pass 1 counts. */
export interface CountOptions {
  /** `unit-region` (default), or `window`: float32 is then counted by finer cells too. */
  readonly density?: DensityMethod;
  /**
   * Only for windows: bits of the cells that they are counted by, 19 to 23. Default 21. 22 about halves the largest error of the
   * density, and doubles the counters: 1.5 MiB a thread at 21.
   */
  readonly windowBits?: number;
}

export interface ReweightOptions
  extends StreamOptions,
    CountOptions,
    DensityOptions,
    SetOptions,
    MomentumOptions,
    OutputOptions,
    EngineOptions,
    RunOptions {}

export interface HistogramOptions
  extends StreamOptions,
    CountOptions,
    SetOptions,
    ShardOptions,
    EngineOptions,
    RunOptions {
  /** Unit regions whose counts have to be exact, 1 to 10,000. Default 30. */
  readonly bins?: number;
  /** File of the partial. */
  readonly out: string;
  readonly force?: boolean;
  /** Go on with what the same run has left beside `out` when it was ended, if it has left anything. */
  readonly resume?: boolean;
}

export interface MergeOptions {
  /** Files or globs of partials, or folders that hold all the shards of a stream as `*.ghm`. */
  readonly partials: readonly string[];
  readonly out: string;
  readonly force?: boolean;
  /** Ends it; nothing is written. */
  readonly signal?: AbortSignal;
}

/** `batch`, `batchSize` and `group` are those of the partial; where they are given, they have to be the same. */
export interface ApplyOptions
  extends StreamOptions,
    DensityOptions,
    SetOptions,
    MomentumOptions,
    OutputOptions,
    EngineOptions,
    RunOptions {
  /** A partial, a merged partial, or a density.json (which allows no density options of its own). */
  readonly density: string;
  /** How a partial is made a density: `unit-region` (default) or `window`. */
  readonly method?: DensityMethod;
}

/** One shard of `apply`; the same options for every shard but for `shard`. */
export interface ShardApplyOptions extends ApplyOptions, Required<ShardOptions> {}

/** What makes one run's outputs of its shards. */
export interface FinishOptions extends Pick<RunOptions, 'signal' | 'onProgress' | 'onWarning'> {
  /** The folder that all shards were written into. */
  readonly out: string;
  /** Replace outputs that exist. */
  readonly force?: boolean;
}

/** COCO results in place of arrays: the score of a detection is p, and whether it matches ground truth is p*. */
export interface CocoOptions {
  /** File of the results, a JSON array of `{image_id, category_id, bbox, score}`. */
  readonly cocoResults: string;
  /** File of the ground truth, such as `instances_val2017.json`. */
  readonly cocoAnnotations: string;
  /** Least intersection over union of a match, above 0 and up to 1. Default 0.5. */
  readonly iou?: number;
  /** Detections of one class in one image that take part, by descending score; others are left out. Default 100. */
  readonly maxDets?: number;
}

export interface CocoReweightOptions extends CocoOptions, Omit<ReweightOptions, keyof StreamOptions> {}
export interface CocoHistogramOptions extends CocoOptions, Omit<HistogramOptions, keyof StreamOptions> {}
export interface CocoApplyOptions extends CocoOptions, Omit<ApplyOptions, keyof StreamOptions> {}

/** What `outliers` looks for, and where it goes. */
export interface OutliersOptions extends StreamOptions, RunOptions {
  /** A partial, a merged partial or a density.json, for the weight of each outlier; needed with `by`. */
  readonly density?: string;
  /** How many, 1 to 1,000,000; of each group with `per`, and groups with `by`. Default 1000, with `per` 10. */
  readonly top?: number;
  /** Only samples of at least this gradient norm, 0 to 1. */
  readonly minG?: number;
  /** The hardest of each `class`, `file`, or value of an integer column such as `image_id`. */
  readonly per?: string;
  /** Instead of samples: the groups of greatest harmonized loss, the sum of beta times loss over their samples. */
  readonly by?: string;
  /** Columns to show beside each outlier: numbers, one a row. */
  readonly keep?: string | readonly string[];
  /** File to write the table to. */
  readonly out?: string;
  /** Of that file. Default: as it ends, .jsonl or .parquet, else csv. */
  readonly format?: OutliersFormat;
  readonly force?: boolean;
}

export type OutliersFormat = 'csv' | 'jsonl' | 'parquet';
