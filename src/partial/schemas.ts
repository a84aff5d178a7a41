import { z } from 'zod';
import { FINE_CHOICES } from '../density/fine-cells.ts';
import { lossesOf } from '../density/loss.ts';
import { FIRST_PLACE, LAST_PLACE, placeOfBits } from '../density/ordered-bits.ts';
import { LEAST_MU, MOST_MU, type Scale } from '../density/scale.ts';
import { MOST_PIECES } from '../density/window-pieces.ts';

const count = z.int().nonnegative();
const pieces = z.object({ from: z.array(z.int().min(0).max(0xffff_ffff)), count: z.array(z.int().positive()) });

const sums = z.object({ whole: z.array(count), rest: z.array(z.int().min(0).max(0xffff_ffff)) });

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

const fineCells = z.object({ cell: z.array(count), count: z.array(z.int().positive()) });
const fineBits = z.literal(FINE_CHOICES);
const half = z.int().min(0).max(0xffff_ffff);
const counters = z.object({
  at: z.array(count),
  samples: z.array(z.int().positive()),
  lossHigh: z.array(half),
  lossLow: z.array(half),
});

const shards = z
  .object({ of: z.int().min(1), plan: z.string(), indices: z.array(z.int().min(1)).min(1) })
  .refine(({ of, indices }) => indices.every((index, i) => index <= of && index > (indices[i - 1] ?? 0)), {
    path: ['indices'],
    message: 'expected numbers from 1 to `of`, ascending',
  });

export const partialSchema = z
  .object({
    schema: z.literal('ghm.partial/1'),
    ...scale,
    cells: z.enum(['float32', 'float16']),
    bins: z.int().min(1).max(10_000),
    total: count,
    ignored: count,
    shards: shards.optional(),
    lowBits: z.int().min(0).max(0xfffe).optional(),
    negatives: pieces,
    positives: pieces,
    fine: z.object({ bits: fineBits, above: fineCells, below: fineCells }).optional(),
    softLosses: z.object({ ce: sums, targetCe: sums, infinite: count }).optional(),
    groups: z.object({ column: z.string().min(1), values: z.array(z.int()), counters }).optional(),
    batches: z
      .object({
        by: z.string().regex(/^(rows:[1-9]\d*|column:.+)$/),
        size: count.optional(),
        rows: z.array(z.int().positive()),
        counters,
      })
      .optional(),
    sha256: z.string(),
  })
  .refine(hasItsMu, MU)
  .refine(hasTargets, SOFT_TARGETS)
  .refine((d) => (d.softTargets === true) === (d.softLosses !== undefined), {
    path: ['softLosses'],
    message: 'expected with soft targets, and with no other',
  });

const weight = z.number().nonnegative();
const bound = z.number().min(0).max(1);

const window = z
  .object({
    epsilon: z.number().positive().max(2),
    fineBits: fineBits.optional(),
    errorBound: z.object({ max: bound, mean: bound }),
    g: z.array(z.number().min(0).max(1)),
    gradientDensity: z.array(z.number().nonnegative()),
    beta: z.array(weight),
    pieces: z.object({
      from: z.array(z.int().min(0).max(0xffff_ffff)).min(1).max(MOST_PIECES),
      beta: z.array(weight),
      errorBound: z.array(bound),
    }),
  })
  .refine(({ g, gradientDensity, beta }) => [gradientDensity, beta].every((list) => list.length === g.length), {
    path: ['g'],
    message: 'g, gradientDensity and beta: expected as many of each',
  })
  .refine(({ pieces: { from, beta, errorBound } }) => [beta, errorBound].every((list) => list.length === from.length), {
    path: ['pieces'],
    message: 'from, beta and errorBound: expected as many of each',
  })
  .refine(
    ({ pieces: { from } }) => {
      const places = from.map(placeOfBits);
      return places.every(
        (place, i) => (i === 0 ? place === FIRST_PLACE : place > places[i - 1]) && place <= LAST_PLACE,
      );
    },
    { path: ['pieces', 'from'], message: 'expected bits of float32 ascending from -Infinity' },
  );

const meanLoss = z.number().nullable().optional();
const setLoss = z.array(z.number().nullable()).optional();
const setLosses = z.object({ ce: setLoss, ghmc: setLoss, asl1: setLoss, ghmr: setLoss });

const haveLength = (length: number, lists: readonly (readonly unknown[] | undefined)[]): boolean =>
  lists.every((list) => list === undefined || list.length === length);

/** Sets have no focal loss. */
const hasMeans = (task: Scale['task'], loss: z.infer<typeof setLosses>): boolean =>
  lossesOf(task).every((name) => name === 'focal' || loss[name] !== undefined);

const groups = z
  .object({
    column: z.string().min(1),
    values: z.array(z.int()),
    total: z.array(count),
    ignored: z.array(count),
    validBins: z.array(count),
    counts: z.array(z.array(count)),
    beta: z.array(z.array(weight)),
    meanWeight: z.array(weight),
    loss: setLosses,
  })
  .refine(
    ({ values, total, ignored, validBins, counts, beta, meanWeight, loss }) =>
      haveLength(values.length, [total, ignored, validBins, counts, beta, meanWeight, ...Object.values(loss)]),
    { path: ['values'], message: 'expected as many of everything else' },
  );

const batches = z
  .object({
    by: z.string(),
    size: count.optional(),
    momentum: z.number(),
    biasCorrection: z.boolean(),
    count,
    rows: z.array(count),
    total: z.array(count),
    validBins: z.array(count),
    meanWeight: z.array(weight),
    loss: setLosses,
  })
  .refine(
    ({ rows, total, validBins, meanWeight, loss }) =>
      haveLength(rows.length, [total, validBins, meanWeight, ...Object.values(loss)]),
    { path: ['rows'], message: 'expected as many of everything else' },
  );

const meanLosses = z.looseObject({ ce: meanLoss, focal: meanLoss, ghmc: meanLoss, asl1: meanLoss, ghmr: meanLoss });

/** density.json; further fields are kept as they are. */
export const densitySchema = z
  .looseObject({
    schema: z.literal('ghm.density/1'),
    ...scale,
    method: z.enum(['unit-region', 'window']),
    bins: z.int().min(1).max(10_000),
    normalize: z.enum(['valid-bins', 'all-bins']).optional(),
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
    // in the order in which a density is written: what is read is written again as it was
    loss: meanLosses,
    lossErrorBound: meanLosses.optional(),
    focal: z.object({ gamma: z.number(), alpha: z.number().optional() }).optional(),
    window: window.optional(),
    groups: groups.optional(),
    batches: batches.optional(),
  })
  .refine(({ groups: g, bins }) => !g || [...g.beta, ...g.counts].every((list) => list.length === bins), {
    path: ['groups', 'beta'],
    message: 'expected a weight and a count for each bin of each group',
  })
  .refine(hasItsMu, MU)
  .refine(hasTargets, SOFT_TARGETS)
  .refine((d) => lossesOf(d.task).every((name) => d.loss[name] !== undefined), {
    path: ['loss'],
    message: 'expected the mean losses of its task',
  })
  .refine(({ task, groups: g, batches: b }) => [g, b].every((sets) => !sets || hasMeans(task, sets.loss)), {
    path: ['groups or batches', 'loss'],
    message: 'expected the mean losses of its task',
  })
  .refine((d) => d.edges.length === d.bins + 1, { path: ['edges'], message: 'expected bins + 1 of them' })
  .refine((d) => [d.counts, d.gradientDensity, d.beta].every((list) => list.length === d.bins), {
    path: ['beta'],
    message: 'counts, gradientDensity and beta: expected one for each of the bins',
  })
  .refine((d) => (d.method === 'window') === (d.window !== undefined), {
    path: ['window'],
    message: 'expected with method window, and with no other',
  })
  .refine((d) => (d.method === 'window') === (d.normalize === undefined), {
    path: ['normalize'],
    message: 'expected with method unit-region, and with no other',
  });
