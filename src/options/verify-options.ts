import { abortSignal, callback, rawOptions, requiredPaths } from './fields.ts';

/** How far a verification is. */
export interface VerifyProgress {
  readonly done: number;
  /** Bytes of the outputs that are read; those of partials are not counted. */
  readonly total: number;
  /** Seconds since it began. */
  readonly elapsed: number;
}

export interface VerifyOptions {
  /** Output folders of runs, and partials: paths, quoted globs or `@LIST` of partials. */
  readonly files: string | readonly string[];
  /** Ends it early, with exit code 130. */
  readonly signal?: AbortSignal;
  /** Called now and then. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface CompleteVerifyOptions {
  readonly files: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: VerifyProgress) => void;
}

/** A verification. @throws GhmError (usage) */
export function validateVerify(options: unknown): CompleteVerifyOptions {
  const raw = rawOptions(options, 'verify', ['files', 'signal', 'onProgress']);
  return Object.freeze({
    files: requiredPaths(raw, 'files', 'the output folder of a run, or a partial'),
    signal: abortSignal(raw),
    onProgress: callback<[VerifyProgress]>(raw, 'onProgress'),
  });
}
