import { expect, it } from 'vitest';
import { colored, failureOf } from '../../src/cli/failure.ts';
import { inputError, interrupted, runError, usageError } from '../../src/errors.ts';

it.each([
  [usageError('--bins: wrong'), 2],
  [inputError('a.npy: wrong'), 3],
  [runError('a disk'), 1],
])('an error for the user is its message: %s', (error, exitCode) => {
  expect(failureOf(error, undefined, false)).toEqual({ text: `ghm: ${error.message}\n`, exitCode });
});

it('a name in a message can neither steer the terminal nor begin a line', () => {
  const name = 'a\x1b[2J\nghm: all is well.npy';
  expect(failureOf(inputError(`${name}: row 3`), undefined, false).text).toBe('ghm: a[2Jghm: all is well.npy: row 3\n');
  expect(failureOf(inputError([`${name}: row 3`, 'line two']), undefined, false).text).toBe(
    'ghm: a[2Jghm: all is well.npy: row 3\nline two\n',
  );
});

it('colour is for terminals', () => {
  expect(failureOf(usageError('x'), undefined, true).text).toBe('ghm: \x1b[31merror\x1b[39m: x\n');
  expect(colored({ isTTY: true }, {})).toBe(true);
  expect(colored({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(colored({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  expect(colored({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(colored({}, { FORCE_COLOR: '1' })).toBe(false);
});

it('the signal decides the exit code of an interruption', () => {
  expect(failureOf(interrupted(), 'SIGTERM', false)).toEqual({
    text: 'ghm: interrupted: nothing was written\n',
    exitCode: 143,
  });
  expect(failureOf(interrupted(), 'SIGINT', false).exitCode).toBe(130);
  expect(failureOf(interrupted(), undefined, false).exitCode).toBe(130);
  expect(failureOf(new Error('aborted'), 'SIGHUP', false)).toEqual({ text: 'ghm: interrupted\n', exitCode: 129 });
  expect(failureOf(inputError('x'), 'SIGINT', false).exitCode).toBe(3);
});

it('an error of the operating system names itself', () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: 'EACCES', syscall: 'open' });
  expect(failureOf(error, undefined, false)).toEqual({
    text: "ghm: EACCES: permission denied, open 'x'\n",
    exitCode: 1,
  });
});

it('anything else is a defect, with its stack', () => {
  const { text, exitCode } = failureOf(new TypeError('boom'), undefined, false);
  expect(exitCode).toBe(1);
  expect(text).toMatch(
    /^ghm: this is a defect in ghm, not in your data or command; please report it with these lines\nTypeError: boom\n {4}at /,
  );
  expect(failureOf('a string', undefined, false).text).toMatch(/\na string\n$/);
});
