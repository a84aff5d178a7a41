import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { stepClock } from '../../src/journal/step-clock.ts';

/** Until the test ends a second lasts 25 ms for the state of runs: small ones keep it as long ones do. */
export const hurry = (): void => letPass((now) => 40 * now);

/** Until the test ends no time passes for the state of runs: they keep none, however busy the machine is. */
export const standStill = (): void => letPass(() => 0);

function letPass(time: (now: number) => number): void {
  const spy = vi.spyOn(stepClock, 'now').mockImplementation(() => time(performance.now()));
  onTestFinished(() => spy.mockRestore());
}

/** A module, to be loaded before the command, in which no time passes either. */
export const STANDING = join(mkdtempSync(join(tmpdir(), 'ghm-time-')), 'standing.mjs');
const built = new URL('../../dist/src/journal/step-clock.js', import.meta.url);
writeFileSync(STANDING, `import { stepClock } from '${built}';\nstepClock.now = () => 0;\n`);
