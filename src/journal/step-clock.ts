/**
 * Tells in milliseconds whether work has taken long enough to be kept. An object, so that tests let its time stand still or fly,
 * however fast the machine is.
 */
export const stepClock = { now: (): number => performance.now() };
