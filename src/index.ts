export { type BenchOptions, type BenchProgress, type BenchReport, bench } from './bench/bench.ts';
export type { Density, WindowDensity } from './density/density.ts';
export type { EngineFacts } from './engines/engine.ts';
export { ExitCode, GhmError } from './errors.ts';
export { type GenerateOptions, type GenerateSummary, generate } from './generate/generate.ts';
export type {
  BullmqReweightOptions,
  QueueOptions,
  WorkerEvent,
  WorkerOptions,
} from './options/bullmq-options.ts';
export type { EngineName } from './options/engines.ts';
export type {
  ApplyOptions,
  CocoApplyOptions,
  CocoHistogramOptions,
  CocoOptions,
  CocoReweightOptions,
  CountOptions,
  DensityMethod,
  DensityOptions,
  EngineOptions,
  FinishOptions,
  HistogramOptions,
  LabelFormat,
  MergeOptions,
  NonFinite,
  Normalize,
  OutliersFormat,
  OutliersOptions,
  OutputDtype,
  OutputOptions,
  Progress,
  ReweightOptions,
  RunOptions,
  ShardApplyOptions,
  ShardOptions,
  StreamOptions,
  Task,
} from './options/options.ts';
export type { FigureName, ReportFormat, ReportOptions } from './options/report-options.ts';
export type {
  Damage,
  InspectReport,
  Provenance,
  RunPlan,
  VerifiedPartial,
  VerifiedRun,
  VerifyReport,
} from './options/results.ts';
export type { JobsProgress, SubmitOptions } from './options/submit-options.ts';
export type { VerifyOptions, VerifyProgress } from './options/verify-options.ts';
export { apply } from './run/apply.ts';
export { applyShard, type ShardSummary } from './run/apply-shard.ts';
export { type DemoOptions, demo } from './run/demo.ts';
export { finish } from './run/finish-shards.ts';
export { histogram } from './run/histogram.ts';
export { inspect } from './run/inspect.ts';
export { merge } from './run/merge.ts';
export { type OutliersResult, outliers } from './run/outliers.ts';
export { planApply, planHistogram, planReweight } from './run/plan.ts';
export { type ReportSummary, report } from './run/report.ts';
export { reweight } from './run/reweight.ts';
export type { PartialSummary, Summary } from './run/summary.ts';
export { verify } from './run/verify.ts';
export { worker } from './run/worker.ts';
export { type Submission, submit } from './submit/submit.ts';
