import { expect, it } from 'vitest';
import { failureOf, failureText, isFinal } from '../../src/engines/bullmq/failure.ts';
import { inputError, runError, usageError } from '../../src/errors.ts';

it.each([
  [inputError(['x.npy: bad', 'second line']), true],
  [usageError('o exists already'), true],
  [runError('no space left on the device'), false],
])('%s goes through the queue as it is', (error, final) => {
  const { exitCode, message, lines } = failureOf(failureText(error), 'count 1/2');
  expect({ exitCode, message, lines }).toEqual({
    exitCode: error.exitCode,
    message: error.message,
    lines: error.lines,
  });
  expect(isFinal(error)).toBe(final);
});

it('what is no failure of ours is a failure of the job', () => {
  expect(failureOf('exit 7: x', 'count 1/2')).toMatchObject({ exitCode: 1, message: 'count 1/2 failed: exit 7: x' });
  expect(failureText(new Error('why'))).toBe('exit 1: why');
  expect(isFinal(new Error('why'))).toBe(false);
  expect(failureOf('job stalled more than allowable limit', 'count 1/2')).toMatchObject({
    exitCode: 1,
    message:
      'count 1/2: was given to 4 workers, of which each died or lost the server for longer than its --lock; what they said ' +
      'last may tell why, such as too little memory',
  });
});
