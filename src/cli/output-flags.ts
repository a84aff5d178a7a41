import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Output:';

export const forceFlag: Flags = {
  force: { kind: 'switch', group, describe: 'replace outputs that exist' },
};

/** Of commands that can go on where they were ended. */
export const resumeFlag: Flags = {
  resume: { kind: 'switch', group, describe: 'go on where the same command was ended, by whatever it was' },
};

/** One file. */
export const fileFlags: Flags = {
  out: { kind: 'value', group, describe: 'required: the file to write' },
  ...forceFlag,
};

/** A folder. */
export const folderFlags: Flags = {
  out: { kind: 'value', group, describe: 'required: the folder to write into; made if missing' },
  ...forceFlag,
};

/** A folder of weights. */
export const weightsFlags: Flags = {
  ...folderFlags,
  ...resumeFlag,
  format: {
    kind: 'value',
    group,
    describe: 'of the weights: npy (default), npz, safetensors, parquet or arrow',
    choices: ['npy', 'npz', 'safetensors', 'parquet', 'arrow'],
  },
  keep: {
    kind: 'value',
    group,
    describe: 'columns of tables to carry into Parquet or Arrow outputs: image_id,anchor',
  },
  'output-dtype': {
    kind: 'value',
    group,
    describe: 'of the weights: float32 (default), float16, or code: one byte a sample, its region',
    choices: ['float32', 'float16', 'code'],
  },
};

/** Where the output goes, as typed. */
export const outOptions = (flags: FlagValues): RawOptions => ({ out: flags.text('out'), force: flags.on('force') });

export const resumeOptions = (flags: FlagValues): RawOptions => ({ resume: flags.on('resume') });

/** The same with the type of the weights. */
export const weightsOptions = (flags: FlagValues): RawOptions => ({
  ...outOptions(flags),
  ...resumeOptions(flags),
  format: flags.text('format'),
  keep: flags.text('keep')?.split(','),
  outputDtype: flags.text('output-dtype'),
});
