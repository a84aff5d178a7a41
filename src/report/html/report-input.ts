import type { CellCounts } from '../../density/cells.ts';
import type { Density } from '../../density/density.ts';

/** One array that was read. */
export interface ReportFile {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** Inputs that a report lists. */
export const SHOWN_INPUTS = 40;

/** What a report is made of. No text needs to be escaped by the caller. */
export interface ReportInput {
  readonly density: Density;
  /** `null` where only a density.json is known; what needs cells is then left out, and the report says so. */
  readonly counts: CellCounts | null;
  readonly title: string;
  /** What the run is called beside another. */
  readonly name: string;
  /** The command line, as typed. */
  readonly command: string;
  /** How many there are, and the first SHOWN_INPUTS of them. */
  readonly inputs: { readonly count: number; readonly first: readonly ReportFile[] };
  /** As given by the user; values as JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly version: string;
  /** When, as it should read; ISO 8601 by preference; empty if unknown. */
  readonly time: string;
  /** Absent if unknown. */
  readonly samplesPerSecond?: number;
  readonly warnings: readonly string[];
}
