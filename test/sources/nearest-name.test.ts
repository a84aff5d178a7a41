import { expect, test } from 'vitest';
import { nearestName } from '../../src/sources/nearest-name.ts';

test.each([
  ['logit.npy', ['labels.npy', 'logits.npy'], 'logits.npy'],
  ['Logits.NPY', ['logits.npy'], 'logits.npy'],
  ['logits.npy', ['labels.npy', 'weights.npy'], null],
  ['a.npy', ['b.npy', 'c.npy'], 'b.npy'],
  ['part-00012.logits.npy', ['part-00013.label.npy', 'part-00012.labels.npy'], 'part-00012.labels.npy'],
  ['x.npy', [], null],
])('%s among %j is %s', (name, names, nearest) => {
  expect(nearestName(name, names)).toBe(nearest);
});
