import { type GroundTruth, truthsIn } from './annotations.ts';
import { bestDetections, type Detection, type Match, type MatchOptions, matchDetections, type Truth } from './match.ts';
import { type Detections, detectionsIn } from './results.ts';

/** The detections of one class in one image and its ground truth. */
interface Group {
  detections: Detection[];
  readonly truths: Truth[];
}

/**
 * Matches all detections, a file of images at a time; of one class in one image no more are kept than twice those that can
 * take part.
 *
 * @param use told of every detection that takes part, in no particular order
 * @param breathe called after each file
 */
export async function matchBuckets(
  truth: GroundTruth,
  detections: Detections,
  options: MatchOptions,
  use: (match: Match) => void,
  breathe: () => Promise<void>,
): Promise<void> {
  const categories = truth.categories.size;
  for (const [i, file] of detections.boxes.files.entries()) {
    const groups = new Map<number, Group>();
    for (const { image, category, detection } of detectionsIn(file)) {
      const key = image * categories + category;
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, { detections: [detection], truths: [] });
        continue;
      }
      group.detections.push(detection);
      if (group.detections.length >= 2 * options.maxDetections)
        group.detections = bestDetections(group.detections, options.maxDetections);
    }
    for (const { image, category, truth: box } of truthsIn(truth.boxes.files[i])) {
      groups.get(image * categories + category)?.truths.push(box);
    }
    for (const group of groups.values()) {
      for (const match of matchDetections(group.detections, group.truths, options)) use(match);
    }
    await breathe();
  }
}
