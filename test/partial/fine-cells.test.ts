import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fineGrid } from '../../src/density/fine-cells.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { mergeCounts } from '../../src/partial/merge-counts.ts';
import { decodePartial, encodePartial } from '../../src/partial/partial-file.ts';
import { countForWindows } from '../density/fine-counting.ts';
import { labelledStreams } from '../density/streams.ts';
import { count16, float16Samples, widenBits } from './any-counts.ts';

test('partials with fine cells decode to what they were made of', async () => {
  await fc.assert(
    fc.asyncProperty(labelledStreams, fc.constantFrom(19, 23), async (stream, bits) => {
      const counts = countForWindows(stream, bits);
      const text = encodePartial(counts);
      const decoded = await decodePartial(JSON.parse(text), 'a.ghm');
      expect(decoded.fine?.bits).toBe(bits);
      const expected = counts.fine?.counts ?? [];
      expect(decoded.fine?.counts.every((count, i) => count === expected[i])).toBe(true);
      expect(encodePartial(decoded)).toBe(text);
    }),
    { numRuns: 5 },
  );
});

test('float16 parts among those counted for windows have the fine cells of their values', () => {
  fc.assert(
    fc.property(float16Samples, (halves) => {
      const one = { logits: Float32Array.of(1), codes: Uint8Array.of(0) };
      const words = Uint32Array.from([...halves.bits.map(widenBits), 0x3f80_0000]);
      const numbers = words.map((bits, i) => ((bits & 0x7fff_ffff) > 0x7f80_0000 ? 2 : (halves.codes[i] ?? 0)));
      const all = { logits: new Float32Array(words.buffer), codes: Uint8Array.from(numbers) };
      const merged = mergeCounts([
        { name: 'a', counts: count16(30, halves) },
        { name: 'b', counts: countForWindows(one) },
      ]);
      expect(encodePartial(merged)).toBe(encodePartial({ ...countForWindows(all), ignored: merged.ignored }));
    }),
    { numRuns: 4 },
  );
});

describe('damaged fine cells are refused', () => {
  const { cells } = fineGrid(21, LOGITS);
  const logits = Float32Array.of(-4, -4, 1, 100);
  const { sha256: _, ...whole } = JSON.parse(encodePartial(countForWindows({ logits, codes: new Uint8Array(4) })));

  /** Decodes the partial with other fields, its checksum made anew. */
  const decode = (fields: object): Promise<unknown> => {
    const document = { ...whole, ...fields };
    const sha256 = createHash('sha256').update(JSON.stringify(document)).digest('hex');
    return decodePartial({ ...document, sha256 }, 'a.ghm');
  };
  const above = { cell: [45_056], count: [1] };

  test('as it was, it is read', async () => {
    expect(whole.fine).toEqual({ bits: 21, above, below: { cell: [53_248], count: [2] } });
    await expect(decode({})).resolves.toMatchObject({ fine: { bits: 21 } });
  });

  test.each([
    [{ bits: 21, above, below: { cell: [1], count: [1] } }, 'its pieces hold 3 samples where its fine cells hold 2'],
    [{ bits: 21, above, below: { cell: [1, 2], count: [2] } }, '2 fine cells but 1 counts'],
    [{ bits: 21, above, below: { cell: [2, 1], count: [1, 1] } }, 'fine cells out of order at 1'],
    [{ bits: 21, above, below: { cell: [cells], count: [2] } }, `fine cells out of order at ${cells}`],
  ])('%j', async (fine, message) => {
    await expect(decode({ fine })).rejects.toMatchObject({ exitCode: 3, message: `a.ghm: ${message}` });
  });

  test.each([18, 24, 20.5])('bits %d', async (bits) => {
    const refused = { exitCode: 3, message: expect.stringMatching(/^a\.ghm: not a valid partial: fine\.bits: /) };
    await expect(decode({ fine: { ...whole.fine, bits } })).rejects.toMatchObject(refused);
  });

  test('beside cells of float16', async () => {
    const { sha256: _sum, ...halves } = JSON.parse(encodePartial(count16(30, { bits: [0], codes: [0] })));
    await expect(decode({ ...halves, fine: whole.fine })).rejects.toMatchObject({
      exitCode: 3,
      message: 'a.ghm: cells of float16 are exact, and yet it has finer ones',
    });
  });
});
