import { betaTable } from '../density/beta-table.ts';
import { bitsOfFloat16, bitsOfFloat32 } from '../density/cell-values.ts';
import type { CellKind } from '../density/cells.ts';
import type { WeighedDensity } from '../density/counted-sets.ts';
import type { Density } from '../density/density.ts';
import { partitionOf } from '../density/partition.ts';
import { scaleOf } from '../density/scale.ts';
import { weightPieces } from '../density/window.ts';
import { windowCells, windowTable } from '../density/window-table.ts';
import type { WeightTable } from '../engines/engine.ts';
import { usageError } from '../errors.ts';
import type { DensityMethod, OutputDtype } from '../options/options.ts';
import { describeRequest, type SetRequest } from '../options/set-options.ts';
import { npyHeader } from '../sources/npy/header.ts';
import type { Dtype } from '../sources/source.ts';

/** Bytes of one weight. */
const BYTES = { float32: 4, float16: 2, code: 1 } as const satisfies Readonly<Record<OutputDtype, number>>;
export const outputBytesOf = (dtype: OutputDtype): 1 | 2 | 4 => BYTES[dtype];

/** How an array of the weights says what it holds. */
export const arrayDtype = (dtype: OutputDtype): Dtype => (dtype === 'code' ? 'uint8' : dtype);

const LARGEST: Readonly<Record<Exclude<OutputDtype, 'code'>, number>> = {
  float16: 65_504,
  float32: 3.4028234663852886e38,
};

/** @throws usageError where a weight is too large for the output's dtype; that of the table of codes is float32 */
export function checkWeightsFit({ density, setBeta }: WeighedDensity, dtype: OutputDtype): void {
  const held = dtype === 'code' ? 'float32' : dtype;
  const weights = setBeta ?? [density.window?.pieces.beta ?? density.beta];
  for (const beta of weights) checkFits(beta, density.window ? 'piece' : 'region', held, dtype);
}

function checkFits(
  weights: readonly number[],
  what: 'piece' | 'region',
  held: Exclude<OutputDtype, 'code'>,
  dtype: OutputDtype,
): void {
  const region = weights.findIndex((beta) => beta > LARGEST[held]);
  if (region < 0) return;
  const wider = dtype === 'float16' ? 'use --output-dtype float32, or ' : 'use ';
  throw usageError(
    `--output-dtype ${dtype}: the weight of ${what} ${region} is ${weights[region]}, above ${held}'s largest, ` +
      `${LARGEST[held]}; ${wider}--max-weight ${LARGEST[held]}`,
  );
}

/** The code of a sample that is left out; regions have the codes below. */
const LEFT_OUT = 255;

/** @throws usageError where there are more regions than codes, or more weights than one a region */
export function checkCodesSuffice(
  bins: number,
  method: DensityMethod,
  sets: SetRequest | null,
  dtype: OutputDtype,
): void {
  if (dtype !== 'code') return;
  if (sets !== null) {
    throw usageError(
      `--output-dtype code: its table has one weight for each region, and ${describeRequest(sets)} has one for each ` +
        `region of each ${sets.kind === 'groups' ? 'group' : 'batch'}; use --output-dtype float16`,
    );
  }
  if (method === 'window') {
    throw usageError(
      '--output-dtype code: codes are numbers of unit regions, and the weights of windows vary within a region; ' +
        'use --output-dtype float16',
    );
  }
  if (bins <= LEFT_OUT) return;
  throw usageError(
    `--output-dtype code: one byte tells ${LEFT_OUT} regions apart, and there are ${bins}; use --bins ${LEFT_OUT} or ` +
      'less, or --output-dtype float16',
  );
}

/** What the weighing kernels look up for a density, in the output's dtype. */
export function outputTable(kind: CellKind, { density, setBeta }: WeighedDensity, dtype: OutputDtype): WeightTable {
  if (setBeta !== null) return { setBeta, bitsOf: dtype === 'float16' ? bitsOfFloat16 : bitsOfFloat32 };
  if (density.window) {
    const pieces = weightPieces(density.window);
    const bitsOf = dtype === 'float16' ? bitsOfFloat16 : bitsOfFloat32;
    return kind === 'float16' ? windowCells(pieces, bitsOf) : windowTable(pieces, bitsOf);
  }
  const partition = partitionOf({ kind, scale: scaleOf(density), bins: density.bins });
  if (dtype === 'float16') return betaTable(partition, density.beta, bitsOfFloat16);
  if (dtype === 'float32') return betaTable(partition, density.beta, bitsOfFloat32);
  // the kernels give 0 to what is left out: codes are looked up one higher, and come down when they are narrowed
  const raised = density.beta.map((_, region) => region + 1);
  return betaTable(partition, raised, (code) => code);
}

/** `code-table.npy`: float32 [256], the weight of each code, 0 where no sample has it. */
export function codeTableFile(density: Density): Uint8Array {
  const weights = new DataView(new ArrayBuffer(4 * (LEFT_OUT + 1)));
  for (const [region, beta] of density.beta.entries()) weights.setFloat32(4 * region, beta, true);
  return Buffer.concat([npyHeader([LEFT_OUT + 1], 'float32'), new Uint8Array(weights.buffer)]);
}
