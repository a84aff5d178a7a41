import { CLASSES } from './images.mjs';

/**
 * Mean over the classes of the average precision of anchors: each anchor that counts is a result, right where it is labelled with
 * the class. Not that of boxes after NMS.
 *
 * @param scored list of { scores [anchors, CLASSES], labels, weights }
 */
export function meanAveragePrecision(scored) {
  const classes = Array.from({ length: CLASSES }, (_, c) => averagePrecision(scored, c));
  return classes.reduce((sum, ap) => sum + ap, 0) / CLASSES;
}

function averagePrecision(scored, c) {
  const results = scored.flatMap(({ scores, labels, weights }) =>
    Array.from(labels, (label, i) => ({
      score: scores[i * CLASSES + c],
      isRight: label === c,
      counts: weights[i] > 0,
    })),
  );
  const ranked = results.filter(({ counts }) => counts).sort((a, b) => b.score - a.score);
  let right = 0;
  let sum = 0;
  for (const [i, { isRight }] of ranked.entries()) {
    if (!isRight) continue;
    right++;
    sum += right / (i + 1);
  }
  return sum / right;
}
