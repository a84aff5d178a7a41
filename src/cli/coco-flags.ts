import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'COCO results, in place of arrays:';

/** Detections of a detector and what they are matched with. */
export const cocoFlags: Flags = {
  'coco-results': { kind: 'value', group, describe: 'JSON file of detections with scores; each is one sample' },
  'coco-annotations': { kind: 'value', group, describe: 'JSON file of the ground truth: a match is a positive' },
  iou: { kind: 'value', group, describe: 'least overlap of a match (default 0.5)' },
  'max-dets': {
    kind: 'value',
    group,
    describe: 'detections of a class and image that take part, best first (default 100); others get weight 0',
  },
};

/** The COCO options as typed. */
export const cocoOptions = (flags: FlagValues): RawOptions => ({
  cocoResults: flags.text('coco-results'),
  cocoAnnotations: flags.text('coco-annotations'),
  iou: flags.number('iou'),
  maxDets: flags.number('max-dets'),
});
