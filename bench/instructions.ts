// The regression guard: what the hot loops consist of. A timed test would fail on a busy machine and pass on a fast one,
// and hardware counters are not to be had in most virtual machines. The instructions of the built module are the same
// everywhere: so the guard counts those of the innermost loops and compares them with what instructions.json recorded when
// the kernels were last measured. A bounds check or a branch that slips into a loop, a SIMD kernel that falls back to its
// scalar form, or a generic that is built twice shows; a slower choice of equal length does not: that is for kernels.ts.
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';

/** What is recorded of one kernel. */
export interface LoopSize {
  /** Instructions of the longest of its innermost loops: those without another loop inside. */
  readonly instructions: number;
  /** Samples one turn of it handles. */
  readonly samples: number;
}

export interface Recorded {
  /** How many times as long a loop may become, and the module. */
  readonly allowed: { readonly loop: number; readonly module: number };
  readonly moduleBytes: number;
  readonly loops: Readonly<Record<string, LoopSize>>;
}

const WASM = new URL('../dist/workers/kernels.wasm', import.meta.url);

export const recorded = (): Recorded =>
  JSON.parse(readFileSync(new URL('./instructions.json', import.meta.url), 'utf8')) as Recorded;

/** Bytes of the built module, and for every exported kernel the instructions of its innermost loops, in their order. */
export function measureModule(): { readonly bytes: number; readonly loops: ReadonlyMap<string, readonly number[]> } {
  const wasm = readFileSync(WASM);
  const module = binaryen.readBinary(wasm);
  try {
    const functions = functionBodies(module.emitStackIR());
    const loops = new Map<string, readonly number[]>();
    for (let i = 0; i < module.getNumExports(); i++) {
      const { name, kind, value } = binaryen.getExportInfo(module.getExportByIndex(i));
      if (kind === binaryen.ExternalFunction) loops.set(name, innermostLoops(functions.get(value) ?? []));
    }
    return { bytes: wasm.length, loops };
  } finally {
    module.dispose();
  }
}

/** Lines of each function, by its name in the text form. */
function functionBodies(text: string): Map<string, string[]> {
  const bodies = new Map<string, string[]>();
  let body: string[] = [];
  for (const line of text.split('\n')) {
    const name = /^ ?\(func \$(\S+)/.exec(line)?.[1];
    if (name !== undefined) {
      body = [];
      bodies.set(name, body);
    } else {
      body.push(line.trim());
    }
  }
  return bodies;
}

const CONTROL = /^(loop|block|if|else|end|\)|\(local|\(param|\(result|;;)/;

/** Instructions of each loop that has no other loop inside, without `loop`, `if`, `else`, `end` themselves. */
export function innermostLoops(lines: readonly string[]): number[] {
  const found: number[] = [];
  /** Of what is open: whether it is a loop, whether it holds one, and its instructions so far. */
  const open: { readonly loop: boolean; inner: boolean; instructions: number }[] = [];
  for (const line of lines) {
    const top = open.at(-1);
    if (/^(loop|block|if)\b/.test(line)) {
      open.push({ loop: line.startsWith('loop'), inner: false, instructions: 0 });
    } else if (line === 'end') {
      const closed = open.pop();
      const around = open.at(-1);
      if (closed?.loop && !closed.inner) found.push(closed.instructions);
      if (around && closed) {
        around.inner ||= closed.loop || closed.inner;
        around.instructions += closed.instructions;
      }
    } else if (top && line !== '' && !CONTROL.test(line)) {
      top.instructions++;
    }
  }
  return found;
}
