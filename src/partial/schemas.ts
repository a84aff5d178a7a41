import { z } from 'zod';

const count = z.int().nonnegative();
const pieces = z.object({ from: z.array(z.int().min(0).max(0xffff_ffff)), count: z.array(z.int().positive()) });

export const partialSchema = z.object({
  schema: z.literal('ghm.partial/1'),
  task: z.literal('classification'),
  cells: z.enum(['float32', 'float16']),
  bins: z.int().min(1).max(10_000),
  total: count,
  ignored: count,
  negatives: pieces,
  positives: pieces,
  sha256: z.string(),
});

const weight = z.number().nonnegative();
const meanLoss = z.number().nullable();

/** density.json; further fields are kept as they are. */
export const densitySchema = z
  .looseObject({
    schema: z.literal('ghm.density/1'),
    task: z.literal('classification'),
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
  .refine((d) => d.edges.length === d.bins + 1, { path: ['edges'], message: 'expected bins + 1 of them' })
  .refine((d) => [d.counts, d.gradientDensity, d.beta].every((list) => list.length === d.bins), {
    path: ['beta'],
    message: 'counts, gradientDensity and beta: expected one for each of the bins',
  });
