import { areaOf, type Box, boxIou } from './iou.ts';

/** A detection of one class in one image. */
export interface Detection {
  /** Its place in the results, from 0. */
  readonly entry: number;
  readonly score: number;
  readonly box: Box;
}

/** A ground-truth box of one class in one image. */
export interface Truth {
  /** Its place among the annotations, from 0. */
  readonly annotation: number;
  readonly box: Box;
  /** In pixels; of the mask, where there is one. */
  readonly area: number;
  readonly isCrowd: boolean;
}

export interface MatchOptions {
  /** Least intersection over union of a match, above 0 and up to 1. */
  readonly iou: number;
  /** Detections of one class in one image that take part, by descending score. */
  readonly maxDetections: number;
}

/** What became of a detection that took part. */
export interface Match {
  readonly detection: Detection;
  readonly truth: Truth | null;
  /** Matched to a crowd, or outside of all areas: neither right nor wrong. */
  readonly ignored: boolean;
}

/** Largest area of COCO's range `all`. */
const LARGEST_AREA = 1e5 ** 2;
/** COCO's stand-in for a threshold of 1. */
const HIGHEST_IOU = 1 - 1e-10;

/** The first `most` by descending score; of equal scores the earlier ones first. */
export function bestDetections(detections: readonly Detection[], most: number): Detection[] {
  return detections.toSorted((a, b) => b.score - a.score).slice(0, most);
}

/**
 * Matches the detections of one class in one image with its ground truth as COCOeval's `evaluateImg` does, area `all`: by
 * descending score, each takes the free truth of the highest overlap at or above `iou`, of equal ones the last; a truth
 * that is ignored only where no other fits. A crowd may be taken by many.
 *
 * One thing is mended: COCOeval takes a match with the annotation of id 0 for none.
 *
 * @param detections in the order of the results
 * @param truths in the order of the annotations
 * @returns the detections that take part, by descending score
 */
export function matchDetections(
  detections: readonly Detection[],
  truths: readonly Truth[],
  { iou, maxDetections }: MatchOptions,
): Match[] {
  const isIgnored = (truth: Truth): boolean => truth.isCrowd || truth.area > LARGEST_AREA;
  // those that count first; otherwise in their order
  const candidates = [...truths.filter((truth) => !isIgnored(truth)), ...truths.filter(isIgnored)];
  const taken = new Set<Truth>();
  return bestDetections(detections, maxDetections).map((detection) => {
    let best = Math.min(iou, HIGHEST_IOU);
    let match: Truth | null = null;
    for (const truth of candidates) {
      if (taken.has(truth) && !truth.isCrowd) continue;
      if (match !== null && !isIgnored(match) && isIgnored(truth)) break;
      const overlap = boxIou(detection.box, truth.box, truth.isCrowd);
      if (overlap < best) continue;
      best = overlap;
      match = truth;
    }
    if (match === null) return { detection, truth: null, ignored: areaOf(detection.box) > LARGEST_AREA };
    taken.add(match);
    return { detection, truth: match, ignored: isIgnored(match) };
  });
}
