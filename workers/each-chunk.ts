import { interrupted } from '../src/errors.ts';
import type { Segment } from '../src/plan/shards.ts';
import { type Chunk, loadChunk } from './chunk.ts';
import { withInput } from './file-io.ts';
import type { WorkerState } from './worker-state.ts';

/** Reads a segment chunk by chunk. Stops with `interrupted` when the run is cancelled. */
export function eachChunk(state: WorkerState, segment: Segment, visit: (chunk: Chunk, firstRow: number) => void): void {
  const part = state.parts[segment.part];
  const rowsPerChunk = Math.max(1, Math.floor(state.layout.chunkSamples / part.classes));
  const end = segment.firstRow + segment.rows;
  const read = (labelWeights: number | null, labels: number, logits: number) => {
    for (let row = segment.firstRow; row < end; row += rowsPerChunk) {
      if (state.control.cancelled) throw interrupted();
      const chunk = loadChunk(state, { part, logits, labels, labelWeights }, row, Math.min(rowsPerChunk, end - row));
      visit(chunk, row);
      state.control.addDone(chunk.samples);
    }
  };
  withInput(part.logits, (logits) =>
    withInput(part.labels, (labels) =>
      part.labelWeights
        ? withInput(part.labelWeights, (labelWeights) => read(labelWeights, labels, logits))
        : read(null, labels, logits),
    ),
  );
}
