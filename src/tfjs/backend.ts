import { runError, usageError } from '../errors.ts';
import { BACKEND_CHOICES, type BackendChoice, type BackendFacts, NATIVE, PLAIN } from './backend-facts.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs');

/** The version whose arithmetic is tested; tfjs and tfjs-node of one version share one core. */
const VERSION = '4.22.0';

export interface TensorBackend extends BackendFacts {
  readonly tf: TensorFlow;
}

/**
 * Loads TensorFlow.js, makes the backend chosen its current one, and says which that is and why.
 *
 * @throws GhmError: exit code 2 for another choice, 1 where @tensorflow/tfjs is not installed, or where tfjs-node was asked for and does not run
 */
export async function tensorBackend(choice: BackendChoice = 'best'): Promise<TensorBackend> {
  if (!BACKEND_CHOICES.includes(choice)) {
    throw usageError(`tensorBackend: expected best, cpu or tfjs-node, found ${String(choice)}`);
  }
  if (choice === 'cpu') return plainBackend('plain JavaScript was asked for');
  const native = await nativeBackend();
  if (typeof native !== 'string') return native;
  if (choice === 'tfjs-node') {
    throw runError(
      `${NATIVE} does not run here: ${native}. Plain JavaScript does the same: use tfjs, or cpu in a program`,
    );
  }
  return plainBackend(`${NATIVE} does not run here: ${native}`);
}

async function plainBackend(why: string): Promise<TensorBackend> {
  const tf = await plainTensorFlow();
  // other backends are the user's: an explicit choice of ours takes the one that is always there
  await tf.setBackend('cpu');
  await tf.ready();
  return { tf, package: PLAIN, backend: tf.getBackend(), version: tf.version.tfjs, why };
}

async function plainTensorFlow(): Promise<TensorFlow> {
  try {
    return await import('@tensorflow/tfjs');
  } catch (error) {
    throw runError(
      `TensorFlow.js needs the package ${PLAIN}, which is not installed or does not run here (npm install ${PLAIN}@${VERSION})`,
      error,
    );
  }
}

type Native = TensorFlow & { readonly version: { readonly 'tfjs-node'?: string } };

/** The native library at work, or why it is not. */
async function nativeBackend(): Promise<TensorBackend | string> {
  const major = Number(globalThis.process?.versions?.node?.split('.')[0]);
  if (Number.isNaN(major)) return 'it is for Node';
  if (major >= 23) {
    return `tfjs-node ${VERSION} fails at its first operation on Node ${major}, which has no util.isNullOrUndefined; Node 20 and 22 run it`;
  }
  const plain = await plainTensorFlow();
  const before = plain.getBackend();
  try {
    // the name is a value: types and bundlers do without the package, which has the interface of tfjs
    const name: string = NATIVE;
    const loaded = (await import(name)) as Native & { readonly default?: Native };
    // a CommonJS module is whole only as a default export
    const tf = loaded.default ?? loaded;
    const version = tf.version['tfjs-node'] ?? 'of no version';
    if (version !== plain.version.tfjs) {
      throw new Error(`it is ${version} beside tfjs ${plain.version.tfjs}: install the same version`);
    }
    await tf.setBackend('tensorflow');
    await tf.ready();
    tf.tidy(() => tf.add(1, 1).dataSync());
    return {
      tf,
      package: NATIVE,
      backend: tf.getBackend(),
      version,
      why: `${NATIVE} is installed and its native library loads`,
    };
  } catch (error) {
    if (before) await plain.setBackend(before);
    return reasonOf(error);
  }
}

/** The first line of what loading threw: what follows it is advice of others. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // as Node, and as bundlers say it
  if (new RegExp(`(cannot find (package|module)|could not resolve) ['"]${NATIVE}['"]`, 'i').test(message)) {
    return 'it is not installed';
  }
  if (message.includes('tfjs_binding.node')) {
    return 'it is installed without its native library, which its install script downloads';
  }
  return message.split('\n')[0].trim().replace(/\.$/, '');
}
