import { gradientNorm, type Scale } from '../density/scale.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import type { Part } from '../sources/source.ts';
import type { RankedGroup } from './merge.ts';
import type { OutlierTable } from './table.ts';

/** What is shown of each group: its share is of the loss of all groups. */
export function groupRows(
  groups: readonly RankedGroup[],
  by: string,
  parts: List<Part>,
  scale: Scale,
  lossOfAll: number,
): OutlierTable {
  return {
    columns: [by, 'samples', 'loss', 'mean', 'share', 'hardest'],
    rows: groups.map(({ group, samples, loss, hardest }) => ({
      [by]: nameOf(group, by, parts),
      samples,
      loss,
      mean: loss / samples,
      share: lossOfAll === 0 ? 0 : loss / lossOfAll,
      hardest: gradientNorm(scale, hardest),
    })),
  };
}

/** A file is a part; classes are shown as labels have them. */
function nameOf(group: number, by: string, parts: List<Part>): string | number {
  if (by === 'file') return itemOf(parts, group).logits.name;
  const { targets, indexing } = itemOf(parts, 0);
  return by === 'class' && targets === 'index' ? group + indexing.firstForeground : group;
}
