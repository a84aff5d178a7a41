import type { InspectedFile } from '../options/results.ts';
import { type Dtype, FLOAT_DTYPES } from '../sources/source.ts';

const NAMES: readonly [RegExp, InspectedFile['role']][] = [
  [/(?:bbox|box|reg)[^a-z]*weights?/i, 'bbox_weights'],
  [/(?:bbox|box|reg)[^a-z]*(?:targets?|gt)/i, 'bbox_target'],
  [/(?:bbox|box|reg)[^a-z]*(?:preds?|deltas?)/i, 'bbox_pred'],
  [/weight/i, 'label_weights'],
  [/label|target|class|gt/i, 'labels'],
  [/logit|score|pred|cls/i, 'logits'],
];

export interface NamedArray {
  /** Its key, or the name of its file where it is alone in it. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** What an array is likely to be, by its name first, then by its dtype and shape, and why. */
export function roleOf({ name, dtype, shape }: NamedArray): Pick<InspectedFile, 'role' | 'why'> {
  const isFloat = FLOAT_DTYPES.some((float) => float === dtype);
  if (/beta/i.test(name)) return { role: 'unknown', why: 'its name says beta, an output of ghm' };
  const key = /image|level|anchor|(?:^|[._-])ids?(?:[._-]|$)/i.exec(name);
  if (key && !isFloat) return { role: 'unknown', why: `its name holds "${key[0]}": where samples come from` };
  for (const [pattern, role] of NAMES) {
    const word = pattern.exec(name);
    if (!word || (role === 'logits' && !isFloat)) continue;
    return { role, why: `its name holds "${word[0]}"${role === 'logits' ? ' and it is float' : ''}` };
  }
  if (shape.length < 1 || shape.length > 2) return { role: 'unknown', why: 'it has neither one axis nor two' };
  return isFloat
    ? { role: 'logits', why: 'it is float and its name says nothing' }
    : { role: 'labels', why: `it is ${dtype} and its name says nothing` };
}
