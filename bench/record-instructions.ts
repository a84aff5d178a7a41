// Writes instructions.json from the built module, after the kernels were changed and measured: tsx bench/record-instructions.ts
import { writeFileSync } from 'node:fs';
import { measureModule, type Recorded } from './instructions.ts';

/** Samples that one turn of the main loop handles; a kernel that is not here is not guarded. */
const SAMPLES = {
  countFloat32: 4,
  countFloat32Negatives: 16,
  countFloat16: 4,
  countFloat16Negatives: 16,
  weighFloat32: 4,
  weighFloat32Negatives: 16,
  weighFloat16: 4,
  weighFloat16Negatives: 16,
};

const { bytes, loops } = measureModule();
const content: Recorded = {
  allowed: { loop: 1.25, module: 2 },
  moduleBytes: bytes,
  loops: Object.fromEntries(
    Object.entries(SAMPLES).map(([name, samples]) => [
      name,
      { instructions: Math.max(...(loops.get(name) ?? [0])), samples },
    ]),
  ),
};
writeFileSync(new URL('./instructions.json', import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
console.log(JSON.stringify(Object.fromEntries(loops)));
