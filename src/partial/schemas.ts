import { z } from 'zod';
import { LEAST_MU, MOST_MU } from '../density/scale.ts';

const count = z.int().nonnegative();
const pieces = z.object({ from: z.array(z.int().min(0).max(0xffff_ffff)), count: z.array(z.int().positive()) });

/** The task, and what belongs to it. */
const scale = {
  task: z.enum(['classification', 'softmax', 'regression']),
  softTargets: z.literal(true).optional(),
  mu: z.number().min(LEAST_MU).max(MOST_MU).optional(),
};

interface ScaleFields {
  readonly task: string;
  readonly softTargets?: true | undefined;
  readonly mu?: number | undefined;
}
const hasItsMu = ({ task, mu }: ScaleFields): boolean => (task === 'regression') === (mu !== undefined);
const hasTargets = ({ task, softTargets }: ScaleFields): boolean => task === 'classification' || !softTargets;
const MU = { path: ['mu'], message: 'expected with the task regression, and with no other' };
const SOFT_TARGETS = { path: ['softTargets'], message: 'expected with no task but classification' };

export const partialSchema = z
  .object({
    schema: z.literal('ghm.partial/1'),
    ...scale,
    cells: z.enum(['float32', 'float16']),
    bins: z.int().min(1).max(10_000),
    total: count,
    ignored: count,
    negatives: pieces,
    positives: pieces,
    sha256: z.string(),
  })
  .refine(hasItsMu, MU)
  .refine(hasTargets, SOFT_TARGETS);

const weight = z.number().nonnegative();
const meanLoss = z.number().nullable();

/** density.json; further fields are kept as they are. */
export const densitySchema = z
  .looseObject({
    schema: z.literal('ghm.density/1'),
    ...scale,
    method: z.literal('unit-region'),
    bins: z.int().min(1).max(10_000),
    normalize: z.enum(['valid-bins', 'all-bins']),
    maxWeight: z.number().positive().optional(),
    meanOne: z.boolean().optional(),
    total: count,
    ignored: count,
    validBins: count,
    edges: z.array(z.number()),
    counts: z.array(count),
    countsUncertain: count.optional(),
    gradientDensity: z.array(z.number().nonnegative()),
    beta: z.array(weight),
    loss: z.object({ ce: meanLoss, focal: meanLoss, ghmc: meanLoss }),
  })
  .refine(hasItsMu, MU)
  .refine(hasTargets, SOFT_TARGETS)
  .refine((d) => d.edges.length === d.bins + 1, { path: ['edges'], message: 'expected bins + 1 of them' })
  .refine((d) => [d.counts, d.gradientDensity, d.beta].every((list) => list.length === d.bins), {
    path: ['beta'],
    message: 'counts, gradientDensity and beta: expected one for each of the bins',
  });
