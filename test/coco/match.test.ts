import { describe, expect, it } from 'vitest';
import { type Box, boxIou } from '../../src/coco/iou.ts';
import { type Detection, matchDetections, type Truth } from '../../src/coco/match.ts';

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
const unit = box(0, 0, 10, 10);

const detection = (entry: number, score: number, at: Box = unit): Detection => ({ entry, score, box: at });
const truth = (annotation: number, at: Box = unit, more: Partial<Truth> = {}): Truth => ({
  annotation,
  box: at,
  area: at.width * at.height,
  isCrowd: false,
  ...more,
});

/** Entry -> annotation; null without one; `*` where it is ignored. */
function matched(detections: Detection[], truths: Truth[], iou = 0.5, maxDetections = 100) {
  return matchDetections(detections, truths, { iou, maxDetections }).map(
    (match) => `${match.detection.entry}->${match.truth?.annotation ?? null}${match.ignored ? '*' : ''}`,
  );
}

describe('intersection over union', () => {
  it.each([
    ['the same box', unit, unit, false, 1],
    ['half of it', unit, box(0, 0, 5, 10), false, 0.5],
    ['a shifted box', unit, box(5, 0, 10, 10), false, 50 / 150],
    ['boxes that touch', unit, box(10, 0, 10, 10), false, 0],
    ['boxes apart', unit, box(0, 30, 10, 10), false, 0],
    ['a box without width', box(5, 5, 0, 10), unit, false, 0],
    ['a crowd: over the detection alone', box(0, 0, 5, 10), box(0, 0, 100, 100), true, 1],
    ['a crowd that covers half', unit, box(5, 0, 100, 100), true, 0.5],
  ])('of %s', (_, a, b, isCrowd, iou) => {
    expect(boxIou(a, b, isCrowd)).toBe(iou);
  });
});

describe('matching', () => {
  it('takes each truth once, for the detection of the highest score', () => {
    expect(matched([detection(0, 0.5), detection(1, 0.9), detection(2, 0.7)], [truth(8)])).toEqual([
      '1->8',
      '2->null',
      '0->null',
    ]);
  });

  it('takes equal scores in the order of the results', () => {
    expect(matched([detection(3, 0.5), detection(4, 0.5), detection(5, 0.5)], [truth(8)])).toEqual([
      '3->8',
      '4->null',
      '5->null',
    ]);
  });

  it('prefers the higher overlap, and of equal ones the later truth', () => {
    expect(matched([detection(0, 0.5)], [truth(1, box(0, 0, 10, 9)), truth(2), truth(3, box(0, 0, 10, 8))])).toEqual([
      '0->2',
    ]);
    expect(matched([detection(0, 0.5)], [truth(1), truth(2), truth(3)])).toEqual(['0->3']);
  });

  it('reaches the threshold, and a threshold of 1 with equal boxes', () => {
    const half = [truth(1, box(0, 0, 5, 10))];
    expect(matched([detection(0, 0.5)], half, 0.5)).toEqual(['0->1']);
    expect(matched([detection(0, 0.5)], half, 0.500001)).toEqual(['0->null']);
    expect(matched([detection(0, 0.5)], [truth(1)], 1)).toEqual(['0->1']);
  });

  it('lets many detections be ignored by one crowd', () => {
    const crowd = truth(7, box(0, 0, 100, 100), { isCrowd: true });
    expect(matched([detection(0, 0.5), detection(1, 0.6)], [crowd])).toEqual(['1->7*', '0->7*']);
  });

  it('takes a truth that counts before one that is ignored, though that fits better', () => {
    const crowd = truth(7, box(0, 0, 100, 100), { isCrowd: true });
    const poor = truth(9, box(0, 0, 6, 10));
    expect(matched([detection(0, 0.5), detection(1, 0.4)], [crowd, poor])).toEqual(['0->9', '1->7*']);
  });

  it('ignores what is larger than any area of COCO, a truth once only', () => {
    const vast = box(0, 0, 2e5, 1e5);
    expect(matched([detection(0, 0.5, vast)], [])).toEqual(['0->null*']);
    expect(matched([detection(0, 0.5, box(0, 0, 1e5, 1e5))], [])).toEqual(['0->null']);
    const large = truth(4, unit, { area: 1e10 + 1 });
    expect(matched([detection(0, 0.5), detection(1, 0.4)], [large])).toEqual(['0->4*', '1->null']);
  });

  it('lets no more than the best take part', () => {
    const detections = [0.1, 0.3, 0.2, 0.3].map((score, entry) => detection(entry, score));
    expect(matched(detections, [], 0.5, 2)).toEqual(['1->null', '3->null']);
    expect(matched([], [truth(1)])).toEqual([]);
  });
});
