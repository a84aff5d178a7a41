import { crc32 } from 'node:zlib';
import { interrupted } from '../errors.ts';
import { type Arena, arenaOf } from '../memory/layout.ts';
import type { DataForm, MemoryWork } from './data-sets.ts';
import { type LaneData, laneData, type Piece } from './lane-data.ts';
import type { LaneTools, WorkKernels } from './lane-tools.ts';
import type { LaneResult, WorkTask } from './protocol.ts';

const FILL = 0x5a;

/** One work of one lane, timed from the moment all lanes are released; what it left is summed up afterwards. */
export function doWork(tools: LaneTools, form: DataForm, task: WorkTask): LaneResult {
  const kernels = tools[task.by];
  const data = laneData(tools, form, task);
  const arena = arenaOf(tools.layout.plan.layout, tools.layout.plan.needs, task.lane);
  const step = stepOf(tools, kernels, form, task.work, arena);
  const { began, ended, result } = timed(tools, task.lanes, () => {
    let sum = 0;
    for (let pass = 0; pass < task.passes; pass++) for (const piece of data.pieces) sum = (sum + step(piece)) | 0;
    return sum;
  });
  return { ok: true, began, ended, ...afterwards(tools, kernels, form, task, data, arena, result) };
}

/** Runs something when all lanes are there. @throws GhmError (interrupted) */
export function timed<T>(
  { meeting }: LaneTools,
  lanes: number,
  run: () => T,
): { readonly began: bigint; readonly ended: bigint; readonly result: T } {
  if (!meeting.meet(lanes) || !meeting.meet(lanes)) throw interrupted();
  const began = process.hrtime.bigint();
  const result = run();
  return { began, ended: process.hrtime.bigint(), result };
}

/** The work on one piece. Returns the sum of what was read, for `read`. */
function stepOf(
  { layout }: LaneTools,
  k: WorkKernels,
  form: DataForm,
  work: MemoryWork,
  arena: Arena,
): (piece: Piece) => number {
  const { layout: l } = layout.plan;
  const { width } = form;
  const pieces = [arena.scratchSplits, l.first, l.thresholdBits, l.thresholds] as const;
  const cells = arena.scratchCells;
  switch (work) {
    case 'read':
      return ({ logits, labels, rows }) =>
        k.streamSum(logits, rows * width * form.logitBytes) + k.streamSum(labels, rows * form.labelBytes);
    case 'copy':
      return ({ logits, out, rows }) => nothing(k.copy(out, logits, rows * width * form.logitBytes));
    case 'write':
      return ({ out, rows }) => nothing(k.fill(out, FILL, rows * width * 4));
    case 'weigh':
      return ({ logits, labels, out, rows }) =>
        nothing(
          k.weighFloat32(
            logits,
            labels,
            rows,
            l.beta,
            l.betaSplits,
            l.first,
            l.thresholdBits,
            l.thresholds,
            arena.groups,
            out,
          ),
        );
    case 'count':
      if (form.kind === 'float16')
        return ({ logits, labels, rows }) => nothing(k.countFloat16(logits, labels, rows, cells));
      if (width === 1)
        return ({ logits, labels, rows }) =>
          nothing(k.countFloat32(logits, labels, rows, cells, ...pieces, arena.groups));
      return ({ logits, labels, rows }) => {
        k.countFloat32Negatives(logits, rows * width, cells, ...pieces, arena.groups);
        k.moveRowsFloat32(logits, labels, rows, width, cells, ...pieces);
        return 0;
      };
  }
}

const nothing = (_: unknown): 0 => 0;

/** What there is to check: counts go to the lane's totals, weights and copies into checksums. */
function afterwards(
  { bytes, layout, memory }: LaneTools,
  k: WorkKernels,
  form: DataForm,
  { work }: WorkTask,
  { whole }: LaneData,
  arena: Arena,
  sum: number,
): Pick<LaneResult, 'sum' | 'crc32' | 'bytes'> {
  const written = whole.rows * form.width * 4;
  switch (work) {
    case 'count': {
      const ignored = k.commitCells(arena.scratchCells, arena.totalCells);
      k.commitSplits(arena.scratchSplits, arena.totalSplits, 2 * layout.plan.layout.thresholds);
      new BigUint64Array(memory.buffer, arena.totalIgnored, 1)[0] += BigInt.asUintN(64, ignored);
      return { sum: 0, crc32: 0, bytes: 0 };
    }
    case 'copy':
    case 'write':
      return { sum: k.streamSum(whole.out, written) >>> 0, crc32: 0, bytes: written };
    case 'weigh':
      return { sum: 0, crc32: crc32(bytes.subarray(whole.out, whole.out + written)), bytes: written };
    default:
      return { sum: sum >>> 0, crc32: 0, bytes: 0 };
  }
}
