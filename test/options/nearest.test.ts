import { describe, expect, it } from 'vitest';
import { editDistance, nearest, suggestion } from '../../src/options/nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['labels', 'lables', 1],
    ['bins', 'bin', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('nearest', () => {
  const flags = ['logits', 'labels', 'label-weights', 'label-format', 'out'];

  it.each([
    ['lables', 'labels'],
    ['label_weights', 'label-weights'],
    ['LOGITS', 'logits'],
    ['log', 'logits'],
    ['label-f', 'label-format'],
    ['momentum', undefined],
    ['', undefined],
  ])('to %j is %j', (word, choice) => {
    expect(nearest(word, flags)).toBe(choice);
  });

  it('is offered as a question, or not at all', () => {
    expect(suggestion('lables', flags, '--')).toBe('; did you mean --labels?');
    expect(suggestion('momentum', flags)).toBe('');
  });
});
