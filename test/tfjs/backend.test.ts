import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { ghmcLoss, tensorBackend } from '../../src/tfjs/index.ts';

const VERSION = '4.22.0';
const facts = async (choice?: 'best' | 'cpu' | 'tfjs-node') => {
  const { tf: _, ...told } = await tensorBackend(choice);
  return told;
};
const native = await tensorBackend('tfjs-node').then(
  () => null,
  (error: Error) => error.message,
);
/** Where the native library has to be there, its absence is a failure. */
const isNativeNeeded = process.env.GHM_TFJS_NODE === 'required';

describe('the backend', () => {
  it('is plain JavaScript where that is asked for', async () => {
    expect(await facts('cpu')).toEqual({
      package: '@tensorflow/tfjs',
      backend: 'cpu',
      version: VERSION,
      why: 'plain JavaScript was asked for',
    });
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.version.tfjs).toBe(VERSION);
  });

  it.runIf(native !== null && !isNativeNeeded)(
    'is the best there is, and says why it is not the native one',
    async () => {
      const { why, ...told } = await facts();
      expect(told).toEqual({ package: '@tensorflow/tfjs', backend: 'cpu', version: VERSION });
      expect(why).toMatch(
        /^@tensorflow\/tfjs-node does not run here: it is (not installed|installed without its native library)/,
      );
    },
  );

  it.runIf(native !== null && !isNativeNeeded)('is never another than the one asked for', async () => {
    const before = tf.getBackend();
    const refused = { exitCode: 1, message: expect.stringMatching(/^@tensorflow\/tfjs-node does not run here: it is/) };
    await expect(tensorBackend('tfjs-node')).rejects.toMatchObject(refused);
    expect(tf.getBackend()).toBe(before);
  });

  it('is refused where there is none of the name', async () => {
    await expect(tensorBackend('webgl' as 'cpu')).rejects.toMatchObject({
      exitCode: 2,
      message: 'tensorBackend: expected best, cpu or tfjs-node, found webgl',
    });
  });

  it.each(['23.0.0', '24.4.1'])('is not the native one on Node %s, where it would fail at work', async (version) => {
    const major = version.split('.')[0];
    vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...process.versions, node: version });
    const reason =
      `@tensorflow/tfjs-node does not run here: tfjs-node ${VERSION} fails at its first operation on Node ${major}, which has ` +
      'no util.isNullOrUndefined; Node 20 and 22 run it';
    expect((await facts()).why).toBe(reason);
    await expect(tensorBackend('tfjs-node')).rejects.toMatchObject({
      exitCode: 1,
      message: `${reason}. Plain JavaScript does the same: use tfjs, or cpu in a program`,
    });
  });
});

describe.runIf(native === null || isNativeNeeded)(`the native library${native === null ? '' : ` (${native})`}`, () => {
  it('computes, by its own name and version', async () => {
    expect(await facts('tfjs-node')).toEqual({
      package: '@tensorflow/tfjs-node',
      backend: 'tensorflow',
      version: VERSION,
      why: '@tensorflow/tfjs-node is installed and its native library loads',
    });
    expect((await facts()).backend).toBe('tensorflow');
  });

  it('has the losses of plain JavaScript', async () => {
    const lossOf = async (choice: 'cpu' | 'tfjs-node') => {
      const { tf: tensors } = await tensorBackend(choice);
      const logits = tensors.tensor2d([-3, 2, 0.5, 1, -1, 4], [2, 3]);
      return ghmcLoss({ bins: 10 })(tensors.tensor1d([1, 3], 'int32'), logits).dataSync()[0];
    };
    expect(await lossOf('tfjs-node')).toBeCloseTo(await lossOf('cpu'), 5);
  });
});

if (native !== null && !isNativeNeeded) {
  describe('the native library', () => it.skip(native, () => {}));
}
