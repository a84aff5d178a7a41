import { breathing } from '../breath.ts';
import { lookAtCoco } from '../coco/look.ts';
import { GhmError } from '../errors.ts';
import type { RunOptions } from '../options/options.ts';
import type { InspectedFile, InspectReport } from '../options/results.ts';
import { inspectSignal, validateInspect } from '../options/validate.ts';
import { arrayName, type Container, openEach } from '../sources/container.ts';
import { discover } from '../sources/discover.ts';
import { openFile } from '../sources/open-file.ts';
import { DTYPE_BYTES } from '../sources/source.ts';
import { roleOf } from './array-role.ts';
import { cocoReading } from './coco-reading.ts';
import { type Opened, withRanges } from './first-values.ts';
import { type InspectedContainer, readTogether } from './read-together.ts';

/**
 * What is in these files and how `reweight` would read them together. Reads headers, and the first million elements of
 * each array for its range; of COCO JSON the entries are counted.
 *
 * @throws GhmError (bad data) for a file that is missing or damaged
 */
export async function inspect(
  files: string | readonly string[],
  options: Pick<RunOptions, 'signal'> = {},
): Promise<InspectReport> {
  const paths = validateInspect(files);
  const breathe = breathing(inspectSignal(options));
  const inspected: InspectedContainer[] = [];
  const found: InspectedFile[] = [];
  for (const file of await discover(paths, 'files', process.cwd(), 'natural', breathe)) {
    await breathe();
    const coco = /\.json$/i.test(file.name) ? await lookAtCoco(file.path, file.name, breathe) : null;
    if (coco !== null) {
      found.push(coco);
      continue;
    }
    const container = await openFile(file, breathe.signal);
    const keys = container.layout === 'array' ? [''] : container.keys;
    const arrays: InspectedFile[] = [];
    for await (const opened of withRanges(openEach(container, keys))) {
      arrays.push(inspectArray(container, keys[arrays.length], opened));
      await breathe();
    }
    inspected.push({ container, arrays });
    // not spread: a file may hold more arrays than a call may have arguments
    for (const one of arrays) found.push(one);
  }
  const together = inspected.length > 0 ? await readTogether(inspected) : { reading: [] };
  return { files: found, ...together, reading: [...together.reading, ...cocoReading(found)] };
}

function inspectArray(container: Container, key: string, { source, range }: Opened): InspectedFile {
  if (source instanceof GhmError) {
    // of many arrays one may be of a kind that is not read
    if (container.keys.length < 2) throw source;
    return unreadable(container, key, source.message);
  }
  const { dtype, shape, bigEndian, storedBytes } = source;
  const name = key === '' ? container.path.slice(container.path.lastIndexOf('/') + 1) : key;
  return {
    path: source.name,
    ...(key !== '' && { key }),
    format: source.format,
    dtype,
    shape,
    byteOrder: DTYPE_BYTES[dtype] === 1 ? 'none' : bigEndian ? 'big' : 'little',
    ...roleOf({ name, dtype, shape }),
    bytes: storedBytes,
    packed: source.kind === 'packed',
    ...(range && { range }),
  };
}

const unreadable = ({ name, format }: Container, key: string, why: string): InspectedFile => ({
  path: arrayName(name, key),
  key,
  format,
  dtype: 'unreadable',
  shape: [],
  byteOrder: 'none',
  role: 'unknown',
  why,
  bytes: 0,
  packed: false,
});
