import { CELLS, type CellCounts, type Grid } from './cells.ts';
import { fineGrid } from './fine-cells.ts';
import { partitionOf } from './partition.ts';
import { quantityOf } from './scale.ts';
import { noSoftLosses } from './soft-losses.ts';

/**
 * The counts of no samples: what adds nothing to counts of the same grid.
 *
 * @param fineBits of the fine cells that the others have; `undefined` for none
 */
export function noCounts(grid: Grid, fineBits: number | undefined): CellCounts {
  const { thresholds } = partitionOf(grid);
  const cells = (): Float64Array => new Float64Array(CELLS);
  const splits = (): Float64Array => new Float64Array(thresholds.length);
  const isFloat32 = grid.kind === 'float32';
  return {
    kind: grid.kind,
    scale: grid.scale,
    bins: grid.bins,
    cells: [cells(), cells()],
    splits: [splits(), splits()],
    ignored: 0,
    ...(isFloat32 && { lowBits: 0 }),
    ...(isFloat32 && fineBits !== undefined && { fine: noFineCells(grid, fineBits) }),
    ...(quantityOf(grid.scale) === 'norm' && { softLosses: noSoftLosses(thresholds.length) }),
  };
}

const noFineCells = ({ scale }: Grid, bits: number) => ({
  bits,
  counts: new Float64Array(2 * fineGrid(bits, scale).stride),
});
