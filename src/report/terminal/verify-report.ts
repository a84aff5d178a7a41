import { flagOf } from '../../options/fields.ts';
import type { Provenance, VerifiedPartial, VerifiedRun, VerifyReport } from '../../options/results.ts';
import { counted, duration, fileSize, thousands } from './number-format.ts';
import { printable } from './printable.ts';

const MOST_INPUTS = 10;

/** What is on the screen after `verify`: what was compared, and what made it. */
export function verifyReport({ verified, damage, seconds }: VerifyReport): string[] {
  const files = verified.reduce((sum, one) => sum + (one.kind === 'run' ? one.files + 1 : 1), 0);
  const end =
    damage.length === 0
      ? `${counted(files, 'file')} as written, in ${duration(seconds)}`
      : `${thousands(damage.length)} of ${counted(files, 'file')} not as written, in ${duration(seconds)}`;
  return [...verified.flatMap((one) => [...linesOf(one), '']), end];
}

const linesOf = (one: VerifiedRun | VerifiedPartial): string[] =>
  one.kind === 'run' ? runLines(one) : partialLines(one);

function partialLines({ path, holds }: VerifiedPartial): string[] {
  if (holds === null) return [`${printable(path)}: not as written`];
  const { bytes, task, cells, bins, total, ignored, sets } = holds;
  const counts = task === 'classification' ? `${task}, ${cells} cells` : task;
  return [
    `${printable(path)}: a partial of ${counted(total, 'sample')}, ${thousands(ignored)} ignored, ${fileSize(bytes)}`,
    `counted for ${task === 'classification' ? counts : task}, --bins ${bins}${sets === undefined ? '' : ` ${printable(sets)}`}`,
  ];
}

function runLines({ path, files, bytes, run }: VerifiedRun): string[] {
  if (run === null) return [`${printable(path)}: not verified: its summary.json says what belongs to it`];
  const { command, version, node, platform, started, seconds } = run;
  return [
    `${printable(path)}: ${counted(files, 'file')} of ${fileSize(bytes)} and summary.json`,
    printable(
      `made by ghm ${command}, version ${version}, Node ${node}, ${platform}, at ${started} in ${duration(seconds)}`,
    ),
    ...inputLines(run),
    ...optionLines(run),
  ];
}

function inputLines({ inputs, densityFile }: Provenance): string[] {
  const shown = inputs
    .slice(0, MOST_INPUTS)
    .map(
      ({ path, dtype, shape, bytes }) =>
        `  ${printable(path)}  ${printable(dtype)} [${shape.map(thousands).join(' x ')}]  ${fileSize(bytes)}`,
    );
  const hidden = inputs.length - MOST_INPUTS;
  return [
    `from ${counted(inputs.length, 'input')}`,
    ...shown,
    ...(hidden > 0 ? [`  and ${thousands(hidden)} more, listed by --json`] : []),
    ...(densityFile === undefined
      ? []
      : [
          `by the density of ${printable(densityFile.path)}, ${densityFile.bytes} bytes of CRC-32 ${densityFile.crc32}`,
        ]),
  ];
}

/** As one would type them; what says nothing is left out. */
function optionLines({ options }: Provenance): string[] {
  const typed = Object.entries(options).flatMap(([key, value]) => {
    if (value === false || value === null || (Array.isArray(value) && value.length === 0)) return [];
    if (value === true) return [flagOf(key)];
    return [`${flagOf(key)} ${Array.isArray(value) ? value.map(text).join(' ') : text(value)}`];
  });
  return ['with', ...typed.map((option) => `  ${printable(option)}`)];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
