import { z } from 'zod';

const count = z.int().nonnegative();

/** What a report takes of summary.json. */
export const summarySchema = z.looseObject({
  schema: z.literal('ghm.summary/1'),
  command: z.string(),
  version: z.string(),
  started: z.string(),
  options: z.record(z.string(), z.unknown()),
  inputs: z.array(z.object({ path: z.string(), dtype: z.string(), shape: z.array(count) })),
  passes: z.looseObject({ weigh: z.looseObject({ samplesPerSecond: z.number() }).optional() }),
  warnings: z.array(z.string()),
});

/** Below the folder, whoever wrote the summary: no file outside of it is looked at. */
const isBelow = (path: string): boolean =>
  !path.startsWith('/') && !path.includes('\0') && !path.split('/').some((name) => name === '..' || name === '');

const checksum = { bytes: count, crc32: z.string().regex(/^[0-9a-f]{8}$/) };

/** What verification takes of it. */
export const verifiedSchema = z.object({
  schema: z.literal('ghm.summary/1'),
  command: z.enum(['reweight', 'apply']),
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  started: z.string(),
  seconds: z.number(),
  options: z.record(z.string(), z.unknown()),
  inputs: z.array(z.looseObject({ path: z.string(), bytes: count, dtype: z.string(), shape: z.array(count) })),
  densityFile: z.object({ path: z.string(), ...checksum }).optional(),
  outputs: z.array(
    z.object({
      path: z.string().refine(isBelow, { message: 'expected a path below the folder of the summary' }),
      ...checksum,
    }),
  ),
});
