import { statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { OutputFile, SegmentChecksum, StreamWork } from '../../workers/protocol.ts';
import { bitsOfFloat16 } from '../density/cell-values.ts';
import type { Density } from '../density/density.ts';
import { bitsOfFloat32 } from '../density/partition.ts';
import { runError, usageError } from '../errors.ts';
import type { NonFinite, OutputDtype } from '../options/options.ts';
import { combineCrc32 } from '../sinks/crc32.ts';
import type { Staging } from '../sinks/staging.ts';
import { npyHeader } from '../sources/npy/header.ts';
import type { Part } from '../sources/source.ts';
import type { Stream } from './stream.ts';
import type { ChecksummedFile } from './summary.ts';

/** Name of a part's weights below the output folder. */
export const betaPath = (part: Pick<Part, 'outputName'>): string => `${part.outputName}.beta.npy`;

/** Bytes of one weight. */
export const outputBytesOf = (dtype: OutputDtype): 2 | 4 => (dtype === 'float16' ? 2 : 4);

/** Bits of a weight in the output's dtype. */
export const weightBits = (dtype: OutputDtype): ((weight: number) => number) =>
  dtype === 'float16' ? bitsOfFloat16 : bitsOfFloat32;

const LARGEST: Readonly<Record<OutputDtype, number>> = { float16: 65_504, float32: 3.4028234663852886e38 };

/** @throws usageError where a weight is too large for the output's dtype */
export function checkWeightsFit(density: Density, dtype: OutputDtype): void {
  const region = density.beta.findIndex((beta) => beta > LARGEST[dtype]);
  if (region < 0) return;
  const wider = dtype === 'float16' ? 'use --output-dtype float32, or ' : 'use ';
  throw usageError(
    `--output-dtype ${dtype}: the weight of region ${region} is ${density.beta[region]}, above ${dtype}'s largest, ` +
      `${LARGEST[dtype]}; ${wider}--max-weight ${LARGEST[dtype]}`,
  );
}

/** What the workers of a run that weighs are given. */
export function weighingWork(
  { kind, parts, shards }: Stream,
  options: { readonly nonFinite: NonFinite; readonly outputDtype: OutputDtype },
  outputs: readonly OutputFile[],
  checkWhileWeighing: boolean,
): StreamWork {
  const { nonFinite, outputDtype } = options;
  return { kind, parts, shards, nonFinite, checkWhileWeighing, outputs, outputBytes: outputBytesOf(outputDtype) };
}

/** Makes the file of each part's weights, headers written and lengths set, for the workers to fill. */
export async function createOutputs(staging: Staging, stream: Stream, dtype: OutputDtype): Promise<OutputFile[]> {
  checkSpace(staging.folder, stream.samples * outputBytesOf(dtype));
  const outputs: OutputFile[] = [];
  for (const part of stream.parts) {
    const path = await staging.place(betaPath(part));
    const header = npyHeader(part.logits.shape, dtype);
    try {
      const file = await open(path, 'wx');
      try {
        await file.write(header, 0, header.length, 0);
        await file.truncate(header.length + part.rows * part.classes * outputBytesOf(dtype));
      } finally {
        await file.close();
      }
    } catch (error) {
      throw runError(`the output cannot be made (${error instanceof Error ? error.message : String(error)})`, error);
    }
    outputs.push({ path, dataOffset: header.length });
  }
  return outputs;
}

/** @throws runError where the outputs would fill the disk */
function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw runError(`${folder}: the outputs need ${bytes} bytes, the disk has ${bavail * bsize} left`);
  }
}

/** What was written, each file with its CRC-32 put together from the segments'. */
export function writtenFiles(
  stream: Stream,
  dtype: OutputDtype,
  checksums: readonly SegmentChecksum[],
): ChecksummedFile[] {
  const headers = stream.parts.map((part) => npyHeader(part.logits.shape, dtype));
  const files = stream.parts.map((part, i) => ({
    path: betaPath(part),
    bytes: headers[i].length,
    crc: crc32(headers[i]),
  }));
  // shard order is row order
  for (const segment of checksums) {
    const file = files[segment.part];
    file.crc = combineCrc32(file.crc, segment.crc32, segment.bytes);
    file.bytes += segment.bytes;
  }
  return files.map(({ path, bytes, crc }) => ({ path, bytes, crc32: hex32(crc) }));
}

/** A CRC-32 as eight hexadecimal digits. */
export const hex32 = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0');
