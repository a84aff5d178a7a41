/** A box as COCO has it: its left upper corner and its size, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const areaOf = ({ width, height }: Box): number => width * height;

/**
 * Intersection over union of a detection and a ground-truth box, in double precision and in the order of operations of
 * pycocotools (`bbIou` of its maskApi), so that ties and thresholds fall alike. With a crowd, which is a region and not one
 * object, the intersection over the area of the detection.
 */
export function boxIou(detection: Box, truth: Box, isCrowd: boolean): number {
  const { x, y, width, height } = detection;
  const across = Math.min(width + x, truth.width + truth.x) - Math.max(x, truth.x);
  if (across <= 0) return 0;
  const down = Math.min(height + y, truth.height + truth.y) - Math.max(y, truth.y);
  if (down <= 0) return 0;
  const intersection = across * down;
  const area = width * height;
  return intersection / (isCrowd ? area : area + truth.width * truth.height - intersection);
}
