import { partitionOf } from '../density/partition.ts';
import { LOGITS } from '../density/scale.ts';
import { usageError } from '../errors.ts';
import { TABLE_FLOATS } from '../generate/distribution.ts';
import { type MemoryPlan, planMemory } from '../plan/buffers.ts';
import type { ByteOffset } from '../sources/source.ts';
import { CLASSES } from './data-sets.ts';

/** The memory of a bench: that of a real run, with an arena a thread, and behind it one stream, whole. */
export interface BenchLayout {
  readonly plan: MemoryPlan;
  /** f32 [TABLE_FLOATS]: what the stream is made from. */
  readonly tables: ByteOffset;
  /** f32 or f16 [samples] */
  readonly logits: ByteOffset;
  /** u8 codes [samples], or i32 classes [rows] */
  readonly labels: ByteOffset;
  /** u32 [samples]: weights */
  readonly out: ByteOffset;
  readonly bytes: number;
}

const PAGE = 65_536;
const MOST_PAGES = 65_536;
/** Bytes of a row of samples in an arena: float32, a code, a class, a weight. */
const NEEDS = { raw: 0, logits: 4, labels: 0, operand: 0, codes: 1, classes: 4, out: 4, losses: 0 } as const;

/** @throws GhmError (usage) where so many samples and threads do not fit into one memory */
export function benchLayout(samples: number, threads: number, bins: number): BenchLayout {
  const { thresholds } = partitionOf({ kind: 'float32', scale: LOGITS, bins });
  const plan = planMemory(threads, thresholds.length, Number.POSITIVE_INFINITY, NEEDS, CLASSES);
  let end = plan.layout.bytes;
  const place = (bytes: number): ByteOffset => {
    const at = end;
    // 64 bytes apart, and no two arrays begin at the same place of a page
    end += Math.ceil(bytes / 64) * 64 + 64;
    return at;
  };
  const [tables, logits, labels, out] = [4 * TABLE_FLOATS, 4 * samples, samples, 4 * samples].map(place);
  const bytes = Math.ceil(end / PAGE) * PAGE;
  if (bytes > MOST_PAGES * PAGE) {
    const room = Math.floor((MOST_PAGES * PAGE - plan.layout.bytes) / 9 / 2 ** 20) * 2 ** 20;
    const instead = room > 0 ? `; use --samples ${room}, or fewer threads` : '; use fewer threads';
    throw usageError(
      `--samples: ${samples} samples with ${threads} threads do not fit into one memory of 4 GiB${instead}`,
    );
  }
  return { plan, tables, logits, labels, out, bytes };
}
