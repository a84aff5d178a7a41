import type { InspectedFile } from '../options/results.ts';
import { quoted } from './read-together.ts';

/** How to run what was found of COCO files, one sentence a line; none where there are none. */
export function cocoReading(files: readonly InspectedFile[]): string[] {
  const results = files.find(({ role }) => role === 'coco_results');
  const annotations = files.find(({ role }) => role === 'coco_annotations');
  if (results === undefined && annotations === undefined) return [];
  const command = `ghm reweight --coco-results ${results ? quoted(results.path) : 'RESULTS.json'} --coco-annotations ${
    annotations ? quoted(annotations.path) : 'INSTANCES.json'
  } --out weights`;
  if (results && annotations) return ['Each detection is a sample, matched to the ground truth.', `Run: ${command}`];
  return [`COCO ${results ? 'results need their ground truth' : 'ground truth needs results'} beside it: ${command}`];
}
