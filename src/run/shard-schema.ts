import { z } from 'zod';
import { ENGINES } from '../options/engines.ts';
import { RECORD_SCHEMA } from './shard-record.ts';

const count = z.int().nonnegative();

/** A path below a folder, and not out of it. */
const inside = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), { message: 'expected a path below it' });

const backend = z.object({
  package: z.enum(['@tensorflow/tfjs', '@tensorflow/tfjs-node']),
  backend: z.string(),
  version: z.string(),
  why: z.string(),
});

export const recordSchema = z.object({
  schema: z.literal(RECORD_SCHEMA),
  index: z.int().min(1),
  of: z.int().min(1),
  plan: z.string(),
  weights: z.string(),
  started: z.iso.datetime(),
  engine: z.object({ name: z.enum(ENGINES), backend: backend.optional() }).optional(),
  pass: z.object({ seconds: z.number(), samplesPerSecond: z.number(), bytes: count }),
  samples: count,
  pieces: z.array(
    z.object({
      path: inside,
      output: inside,
      firstRow: count,
      endRow: count,
      bytes: count,
      crc32: z.string().regex(/^[0-9a-f]{8}$/),
    }),
  ),
  options: z.record(z.string(), z.unknown()),
  sha256: z.string(),
});
