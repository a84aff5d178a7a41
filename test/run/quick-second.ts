import { onTestFinished, vi } from 'vitest';

/** Until the test ends a second lasts 25 ms for this process: small runs keep their state as long ones do. */
export function hurry(): void {
  const now = performance.now.bind(performance);
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => 40 * now());
  onTestFinished(() => spy.mockRestore());
}
