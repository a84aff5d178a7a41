import { type GhmError, inputError } from '../../errors.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import { firstBytes, type InputHandle } from '../input-handle.ts';
import { axesOf } from '../npy/open.ts';
import type { RawArray } from '../source.ts';
import { dtypeOfType, READABLE_TYPES } from './dtypes.ts';
import { checkOffsets, parseSafetensorsHeader, type Tensor } from './header.ts';
import { headerLength, LENGTH_BYTES, MAX_HEADER_BYTES } from './magic.ts';

/**
 * Opens a .safetensors file: its tensors are rows as they are, at an offset.
 *
 * @throws inputError where the header is too long, cut off, not of the form, or does not fit the data behind it
 */
export function openSafetensors(handle: InputHandle): Container {
  const { path, name, stats } = handle;
  if (stats.size < LENGTH_BYTES) throw truncated(name, LENGTH_BYTES, stats.size);
  const length = headerLength(handle.head);
  if (length > MAX_HEADER_BYTES) {
    throw inputError(
      `${name}: bad safetensors header at byte 0: expected a header of at most ${MAX_HEADER_BYTES} bytes, found ${length}`,
    );
  }
  const dataStart = LENGTH_BYTES + length;
  if (stats.size < dataStart) throw truncated(name, dataStart, stats.size);
  const tensors = parseSafetensorsHeader(firstBytes(handle, dataStart).subarray(LENGTH_BYTES), name);
  checkOffsets(tensors, stats.size - dataStart, name);

  const byKey = new Map(tensors.map((tensor) => [tensor.key, tensor]));
  const open = (key: string): RawArray => {
    const { type, shape, begin, end } = found(byKey, key);
    const dtype = dtypeOfType(type);
    if (dtype === null) {
      throw inputError(
        `${arrayName(name, key)}: unsupported dtype: expected one of ${READABLE_TYPES.join(', ')}; found ${type.slice(0, 40)}. ` +
          'Convert it first',
      );
    }
    return {
      kind: 'raw',
      format: 'safetensors',
      path,
      name: arrayName(name, key),
      dtype,
      bigEndian: false,
      dataOffset: dataStart + begin,
      shape,
      ...axesOf(shape),
      storedBytes: end - begin,
      identity: identityFromStats(stats),
    };
  };
  return { path, name, format: 'safetensors', layout: 'arrays', keys: [...byKey.keys()], open };
}

function found(tensors: ReadonlyMap<string, Tensor>, key: string): Tensor {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new RangeError(`no tensor ${key}`);
  return tensor;
}

const truncated = (name: string, expected: number, found: number): GhmError =>
  inputError(
    `${name}: truncated safetensors header: expected at least ${expected} bytes, found ${found}. Was it copied or written to the end?`,
  );
