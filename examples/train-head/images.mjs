// The sample's arrays, cut into images, as a head of one more stage reads them.
import { join } from 'node:path';
import { readNpy } from './npy.mjs';

export const CLASSES = 3;
export const ANCHORS = 9;
export const LEVELS = 4;
/** Logits of the nine anchors of a location, and which level it is of. */
export const FEATURES = ANCHORS * CLASSES + LEVELS;

/**
 * One image: `inputs` [locations, FEATURES], and by anchor, in the order of the dump, `logits` [anchors, 3] of the detector,
 * `labels` (0..2, 3 background) and `weights` (0: left out).
 */
export function readImages(folder) {
  const [logits, labels, weights, ids, levels] = ['logits', 'labels', 'label_weights', 'image_id', 'level'].map(
    (name) => readNpy(join(folder, `${name}.npy`)),
  );
  const images = [];
  for (let first = 0; first < labels.length; ) {
    const next = ids.findIndex((id, i) => i >= first && id !== ids[first]);
    const end = next < 0 ? labels.length : next;
    const own = logits.slice(first * CLASSES, end * CLASSES);
    images.push({
      inputs: inputsOf(own, levels.slice(first, end)),
      logits: own,
      labels: Int32Array.from(labels.slice(first, end)),
      weights: Float32Array.from(weights.slice(first, end)),
    });
    first = end;
  }
  return images;
}

function inputsOf(logits, levels) {
  const locations = levels.length / ANCHORS;
  const inputs = new Float32Array(locations * FEATURES);
  for (let location = 0; location < locations; location++) {
    const at = location * FEATURES;
    const from = location * ANCHORS * CLASSES;
    // logits lie around -6: about one unit wide and around 0 they are easier to learn from
    for (let i = 0; i < ANCHORS * CLASSES; i++) inputs[at + i] = (logits[from + i] + 6) / 3;
    inputs[at + ANCHORS * CLASSES + levels[location * ANCHORS]] = 1;
  }
  return inputs;
}
