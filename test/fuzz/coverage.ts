import { type Profiler, Session } from 'node:inspector';

/** Which blocks of this repository's code have run, by V8's own counters. */
export class Coverage {
  private readonly session = new Session();
  /** Script, place and order of magnitude of the count. */
  private readonly seen = new Set<string>();

  constructor() {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get blocks(): number {
    return this.seen.size;
  }

  /** Blocks that ran since the last call, and had never run before, or never so often. */
  fresh(): Set<string> {
    const fresh = this.ran().filter((block) => !this.seen.has(block));
    for (const block of fresh) this.seen.add(block);
    return new Set(fresh);
  }

  /** Blocks that ran since the last call. */
  ran(): string[] {
    const blocks: string[] = [];
    this.session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error) throw error;
      for (const script of result) if (script.url.includes('/src/')) blocks.push(...blocksOf(script));
    });
    return blocks;
  }
}

function blocksOf({ scriptId, functions }: Profiler.ScriptCoverage): string[] {
  return functions.flatMap(({ ranges }) =>
    ranges.flatMap(({ startOffset, endOffset, count }) =>
      count === 0 ? [] : [`${scriptId}:${startOffset}:${endOffset}:${Math.min(4, Math.floor(Math.log2(count)))}`],
    ),
  );
}
