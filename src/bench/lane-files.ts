import { closeSync, openSync } from 'node:fs';
import { readFully, writeFully } from '../../workers/file-io.ts';
import { arenaOf } from '../memory/layout.ts';
import type { LaneTools } from './lane-tools.ts';
import { timed } from './lane-work.ts';
import type { FileArray, FileTask, LaneResult } from './protocol.ts';

/** The reads or the writes of a real run, and nothing else: the same shards, chunks and buffers. */
export function passFiles(tools: LaneTools, task: FileTask): LaneResult {
  const { layout, needs } = tools.layout.plan;
  const { logits, codes, out } = arenaOf(layout, needs, task.lane);
  const buffers = task.task === 'read-files' ? [logits, codes] : [out];
  const { began, ended, result } = timed(tools, task.lanes, () => {
    let bytes = 0;
    const shards = Math.ceil(task.rows / task.shardRows);
    for (let shard = tools.meeting.takeShard(); shard < shards; shard = tools.meeting.takeShard()) {
      const begin = shard * task.shardRows;
      const end = Math.min(task.rows, begin + task.shardRows);
      bytes += withOpen(task.arrays, task.task === 'read-files' ? 'r' : 'r+', (files) =>
        passRows(tools, task, files, buffers, begin, end),
      );
    }
    return bytes;
  });
  return { ok: true, began, ended, sum: 0, crc32: 0, bytes: result };
}

function passRows(
  { bytes, layout }: LaneTools,
  { task, arrays }: FileTask,
  files: readonly number[],
  buffers: readonly number[],
  begin: number,
  end: number,
): number {
  let passed = 0;
  const step = layout.plan.layout.chunkSamples;
  for (let row = begin; row < end; row += step) {
    const rows = Math.min(step, end - row);
    for (const [i, { path, dataOffset, rowBytes }] of arrays.entries()) {
      const buffer = bytes.subarray(buffers[i], buffers[i] + rows * rowBytes);
      const at = dataOffset + row * rowBytes;
      if (task === 'read-files') readFully(files[i], buffer, at, path);
      else writeFully(files[i], buffer, at, path);
      passed += buffer.length;
    }
  }
  return passed;
}

function withOpen<T>(arrays: readonly FileArray[], flags: string, use: (files: readonly number[]) => T): T {
  const files: number[] = [];
  try {
    for (const { path } of arrays) files.push(openSync(path, flags));
    return use(files);
  } finally {
    for (const file of files) closeSync(file);
  }
}
