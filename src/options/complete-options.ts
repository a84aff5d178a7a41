import type { EngineName } from './engines.ts';
import type {
  DensityMethod,
  LabelFormat,
  NonFinite,
  Normalize,
  OutliersFormat,
  OutputDtype,
  OutputFormat,
  Progress,
  Task,
} from './options.ts';
import type { SetChoice } from './set-options.ts';

/**
 * Options after validation: every key is there, every default filled in, frozen. `undefined` remains only where the
 * default depends on the data. Each is accepted where the options it was made of are, and validates to itself.
 */

export interface CompleteRunOptions {
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
}

export interface CompleteEngineOptions {
  readonly engine: EngineName;
}

export interface CompleteStreamOptions {
  readonly task: Task;
  /** Either `logits` and `labels`, or `files`. */
  readonly logits: readonly string[] | undefined;
  readonly labels: readonly string[] | undefined;
  readonly files: readonly string[] | undefined;
  /** `undefined`: the usual keys. */
  readonly logitsKey: string | undefined;
  readonly labelsKey: string | undefined;
  readonly labelWeightsKey: string | undefined;
  /** `undefined`: every sample is valid. */
  readonly labelWeights: readonly string[] | undefined;
  /** Of a regression: either `bboxPred` and `bboxTarget`, or `files`. */
  readonly bboxPred: readonly string[] | undefined;
  readonly bboxTarget: readonly string[] | undefined;
  readonly bboxWeights: readonly string[] | undefined;
  readonly bboxPredKey: string | undefined;
  readonly bboxTargetKey: string | undefined;
  readonly bboxWeightsKey: string | undefined;
  /** `undefined` where the task has none, and where `apply` takes that of the density. */
  readonly mu: number | undefined;
  /** `undefined`: there are none. */
  readonly columns: Readonly<Record<string, readonly string[]>> | undefined;
  readonly labelFormat: LabelFormat;
  /** `undefined`: C, or 0 with `labelBase` 1. */
  readonly backgroundLabel: number | undefined;
  readonly ignoreLabel: number;
  readonly labelBase: 0 | 1;
  readonly nonFinite: NonFinite;
}

export interface CompleteDensityOptions {
  readonly bins: number;
  /** `undefined` for windows. */
  readonly normalize: Normalize | undefined;
  /** `undefined` for unit regions. */
  readonly epsilon: number | undefined;
  /** `undefined`: betas are not clipped. */
  readonly maxWeight: number | undefined;
  readonly meanOne: boolean;
  readonly focalGamma: number;
  readonly focalAlpha: number;
}

export interface CompleteMomentumOptions {
  /** `undefined`: there are no batches. */
  readonly momentum: number | undefined;
  readonly biasCorrection: boolean;
}

/** Density options of `apply`: `undefined` means as in the density given. */
export interface GivenDensityOptions {
  readonly method: DensityMethod | undefined;
  readonly bins: number | undefined;
  readonly normalize: Normalize | undefined;
  readonly epsilon: number | undefined;
  readonly maxWeight: number | undefined;
  readonly meanOne: boolean | undefined;
  readonly focalGamma: number | undefined;
  readonly focalAlpha: number | undefined;
}

export interface CompleteOutputOptions {
  readonly out: string;
  readonly format: OutputFormat;
  readonly outputDtype: OutputDtype;
  readonly keep: readonly string[];
  readonly force: boolean;
  readonly resume: boolean;
}

export interface CompleteCountOptions {
  readonly density: DensityMethod;
  /** `undefined` for unit regions. */
  readonly windowBits: number | undefined;
}

export interface CompleteShardOptions {
  /** `i/n`; `undefined`: the whole stream. */
  readonly shard: string | undefined;
}

export interface CompleteReweightOptions
  extends CompleteStreamOptions,
    CompleteCountOptions,
    CompleteDensityOptions,
    SetChoice,
    CompleteMomentumOptions,
    CompleteOutputOptions,
    CompleteEngineOptions,
    CompleteRunOptions {}

export interface CompleteHistogramOptions
  extends CompleteStreamOptions,
    CompleteCountOptions,
    SetChoice,
    CompleteShardOptions,
    CompleteEngineOptions,
    CompleteRunOptions {
  readonly bins: number;
  readonly out: string;
  readonly force: boolean;
  readonly resume: boolean;
}

export interface CompleteMergeOptions {
  readonly partials: readonly string[];
  readonly out: string;
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface CompleteApplyOptions
  extends CompleteStreamOptions,
    GivenDensityOptions,
    SetChoice,
    CompleteMomentumOptions,
    CompleteOutputOptions,
    CompleteEngineOptions,
    CompleteRunOptions {
  readonly density: string;
}

export interface CompleteShardApplyOptions extends CompleteApplyOptions {
  /** `i/n` */
  readonly shard: string;
}

export interface CompleteFinishOptions extends Pick<CompleteRunOptions, 'signal' | 'onProgress' | 'onWarning'> {
  readonly out: string;
  readonly force: boolean;
}

export interface CompleteDemoOptions extends CompleteRunOptions {
  /** `undefined`: a temporary folder. */
  readonly out: string | undefined;
  readonly force: boolean;
}

export interface CompleteOutliersOptions extends CompleteStreamOptions, CompleteRunOptions {
  /** `undefined`: outliers have no weight. */
  readonly density: string | undefined;
  readonly top: number;
  /** `undefined`: of any gradient norm. */
  readonly minG: number | undefined;
  readonly per: string | undefined;
  /** `undefined`: samples, not groups. */
  readonly by: string | undefined;
  readonly keep: readonly string[];
  /** `undefined`: nothing is written. */
  readonly out: string | undefined;
  readonly format: OutliersFormat;
  readonly force: boolean;
}
