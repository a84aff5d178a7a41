import { workerData } from 'node:worker_threads';
import { DATA_FORMS, type DataForm } from '../src/bench/data-sets.ts';
import { fillData, placeChunk } from '../src/bench/lane-data.ts';
import { passFiles } from '../src/bench/lane-files.ts';
import { laneTools } from '../src/bench/lane-tools.ts';
import { doWork } from '../src/bench/lane-work.ts';
import type { BenchSetup, LaneAnswer, LaneResult, LaneTask } from '../src/bench/protocol.ts';
import type { DataSet } from '../src/bench/report.ts';

const tools = laneTools(workerData as BenchSetup);
const UNTIMED: LaneResult = { ok: true, began: 0n, ended: 0n, sum: 0, crc32: 0, bytes: 0 };

/** Entry of a worker thread of the bench: one lane of one task. Never throws; a failure is data. */
export default function runLane(task: LaneTask): LaneAnswer {
  try {
    switch (task.task) {
      case 'fill':
        fillData(tools, formOf(task.data), task);
        return UNTIMED;
      case 'chunk':
        placeChunk(tools, formOf(task.data), task.lane);
        return UNTIMED;
      case 'work':
        return doWork(tools, formOf(task.data), task);
      default:
        return passFiles(tools, task);
    }
  } catch (error) {
    // those who wait for this lane are let go
    tools.meeting.cancel();
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, message, ...(stack !== undefined && { stack }) };
  }
}

function formOf(data: DataSet): DataForm {
  const form = DATA_FORMS.find((one) => one.data === data);
  if (form === undefined) throw new Error(`no data set ${data}`);
  return form;
}
