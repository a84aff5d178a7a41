import { describe, expect, test } from 'vitest';
import { inputError } from '../../src/errors.ts';
import { lastNumber, numbersKey, stemKey } from '../../src/sources/file-key.ts';
import { pairFiles } from '../../src/sources/pair.ts';

const files = (...names: string[]) => names.map((name) => ({ name, path: `/data/${name}` }));
const pair = (logits: string[], labels: string[], weights?: string[]) =>
  pairFiles({ logits: files(...logits), labels: files(...labels), labelWeights: weights ? files(...weights) : null });

describe('pairFiles', () => {
  test('pairs in order', () => {
    const [a1, b1, c1, a2, b2, c2] = files('a1', 'b1', 'c1', 'a2', 'b2', 'c2');
    expect(pair(['a1', 'a2'], ['b1', 'b2'])).toEqual({
      pairs: [
        { logits: a1, labels: b1, labelWeights: null },
        { logits: a2, labels: b2, labelWeights: null },
      ],
      warnings: [],
    });
    expect(pair(['a1', 'a2'], ['b1', 'b2'], ['c1', 'c2']).pairs).toEqual([
      { logits: a1, labels: b1, labelWeights: c1 },
      { logits: a2, labels: b2, labelWeights: c2 },
    ]);
  });

  const counts = (logits: string, labels: string, option = '--labels') =>
    `--logits has ${logits} and ${option} has ${labels}; files are paired in natural sort order, so expected as many of each. `;

  test.each([
    [
      'numbers and words',
      ['part-1.logits.npy', 'part-2.logits.npy', 'part-3.logits.npy'],
      ['part-1.labels.npy', 'part-3.labels.npy'],
      `${counts('3 files', '2 files')}Going by the names, without a partner: part-2.logits.npy (--logits)`,
    ],
    [
      'both sides',
      ['p1.npy', 'p2.npy', 'p3.npy'],
      ['p1.npy', 'p4.npy'],
      `${counts('3 files', '2 files')}Going by the names, without a partner: p2.npy, p3.npy (--logits); p4.npy (--labels)`,
    ],
    [
      'words',
      ['cat_logits_f16.npy', 'dog_logits_f16.npy'],
      ['cat-labels.npy', 'cow-labels.npy', 'dog-labels.npy'],
      `${counts('2 files', '3 files')}Going by the names, without a partner: cow-labels.npy (--labels)`,
    ],
    [
      'folders',
      ['s2/logits.npy', 's10/logits.npy'],
      ['s10/labels.npy'],
      `${counts('2 files', '1 file')}Going by the names, without a partner: s2/logits.npy (--logits)`,
    ],
    [
      'numbers',
      ['scores_001.npy', 'scores_002.npy', 'scores_003.npy'],
      ['anchors_1.npy', 'anchors_3.npy'],
      `${counts('3 files', '2 files')}Going by the names, without a partner: scores_002.npy (--logits)`,
    ],
    [
      'many',
      ['1', '2', '3', '4', '5', '6'],
      ['6'],
      `${counts('6 files', '1 file')}Going by the names, without a partner: 1, 2, 3 and 2 more (--logits)`,
    ],
    [
      'nothing in common',
      ['a.npy', 'b.npy', 'c.npy'],
      ['x.npy', 'y.npy'],
      `${counts('3 files', '2 files')}First file past the end of the shorter list: c.npy`,
    ],
    [
      'nothing to go by',
      ['logits.npy'],
      ['labels.npy', 'targets.npy'],
      `${counts('1 file', '2 files')}First file past the end of the shorter list: targets.npy`,
    ],
  ])('counts that differ: %s', (_, logits, labels, message) => {
    expect(() => pair(logits, labels)).toThrow(inputError(message));
  });

  test('label weights', () => {
    expect(() => pair(['a1', 'a2'], ['b1', 'b2'], ['w2'])).toThrow(
      inputError(
        `${counts('2 files', '1 file', '--label-weights')}Going by the names, without a partner: a1 (--logits)`,
      ),
    );
  });

  test('warns of other numbers', () => {
    const { pairs, warnings } = pair(
      ['img1.logits', 'img2.logits', 'img3.logits'],
      ['img1', 'img3', 'img4'],
      ['1', '2', '4'],
    );
    expect(pairs).toHaveLength(3);
    expect(warnings).toEqual([
      '2 of 3 pairs of --logits and --labels have different numbers in their names, first img2.logits with img3. ' +
        'Files are paired in natural sort order: check that they belong together',
      '1 of 3 pairs of --logits and --label-weights have different numbers in their names, first img3.logits with 4. ' +
        'Files are paired in natural sort order: check that they belong together',
    ]);
  });

  test('does not warn of leading zeros, dtypes, or names without numbers', () => {
    expect(pair(['p-001.logits.f16.npy'], ['p-1.labels.i64.npy']).warnings).toEqual([]);
    expect(pair(['logits_2.npy'], ['labels.npy']).warnings).toEqual([]);
  });
});

test.each([
  ['/d/epoch3_img012.logits.npy', 'epoch.3.img.12', '3.12', '12'],
  ['/7/logits.float16.npy', '', '', null],
  ['/d/Zürich-007.npy', 'zürich.7', '7', '7'],
  ['/d/leaf16.npy', 'leaf.16', '16', '16'],
])('keys of %s', (path, stem, numbers, last) => {
  expect([stemKey(path), numbersKey(path), lastNumber(path)]).toEqual([stem, numbers, last]);
});
