const THOUSANDS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
  ['g', 1e9],
]);

/** `1e9`, `5_000_000`, `10M`, `1.5G` as a number; else the text itself, for the message about it. */
export function sampleCount(text: string | undefined): number | string | undefined {
  const match = /^(\d+(?:_\d+)*(?:\.\d+)?(?:e\+?\d+)?)([kmg]?)$/i.exec(text ?? '');
  if (match === null) return text;
  // 1.1G is no whole double times 1e9 until it is rounded
  const count = Number(match[1]?.replaceAll('_', '')) * (THOUSANDS.get((match[2] ?? '').toLowerCase()) ?? 1);
  const whole = Math.round(count);
  return Math.abs(count - whole) < 1e-6 * whole ? whole : count;
}
