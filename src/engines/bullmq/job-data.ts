import { z } from 'zod';
import { inputError } from '../../errors.ts';

const MOST_PARTS = 10_000;

const shared = {
  schema: z.literal('ghm.job/1'),
  /** Part of the name of a hidden folder. */
  run: z.string().regex(/^ghm-[a-z0-9-]{1,60}$/),
  /** Shards of the run. */
  of: z.int().min(1).max(MOST_PARTS),
  /** The output folder of the run. */
  out: z.string().startsWith('/').max(4096),
};
const index = z.int().min(1).max(MOST_PARTS);
const options = z.record(z.string(), z.unknown());

const jobSchema = z
  .discriminatedUnion('step', [
    z.strictObject({ ...shared, step: z.literal('count'), index, options }),
    z.strictObject({ ...shared, step: z.literal('merge') }),
    z.strictObject({ ...shared, step: z.literal('weigh'), index, options }),
    z.strictObject({
      ...shared,
      step: z.literal('finish'),
      /** What the jobs of pass 2 are asked for. */
      options,
      force: z.boolean(),
      /** Whether those jobs are in the queue already. */
      weighing: z.boolean(),
    }),
  ])
  .refine((job) => !('index' in job) || job.index <= job.of, { path: ['index'], message: 'expected at most `of`' });

/** What a worker is asked for. A count, a merge and a weigh write into the hidden folder of the run; a finish writes the outputs. */
export type JobData = z.infer<typeof jobSchema>;
export type CountJob = Extract<JobData, { step: 'count' }>;
export type MergeJob = Extract<JobData, { step: 'merge' }>;
export type WeighJob = Extract<JobData, { step: 'weigh' }>;
export type FinishJob = Extract<JobData, { step: 'finish' }>;

/** @throws inputError where a job holds something else: anyone who reaches the server can add jobs */
export function readJobData(data: unknown): JobData {
  const parsed = jobSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputError(`not a job of ghm reweight: ${issue.path.join('.') || 'its data'}: ${issue.message}`);
}
