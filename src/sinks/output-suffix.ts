import type { OutputDtype, OutputFormat } from '../options/options.ts';

/** How the weights of a run are written. */
export interface OutputForm {
  readonly format: OutputFormat;
  readonly outputDtype: OutputDtype;
}

/** What the array of an output is called: `beta`, or `code` where it holds region numbers. */
export const outputArrayName = (dtype: OutputDtype): 'beta' | 'code' => (dtype === 'code' ? 'code' : 'beta');

/** What follows `NAME` in the file of the weights of `NAME.npy`: `.beta.npy`, `.code.npz`. */
export const outputSuffix = ({ format, outputDtype }: OutputForm): string =>
  `.${outputArrayName(outputDtype)}.${format}`;
