/** What the clones of each step cost in storage. */

import type { Summary } from '../analyse/summary.ts';
import { formatBytes } from '../core/bytes.ts';
import { countText } from './number-text.ts';
import { variantText } from './result-table.ts';
import {
  dimmed,
  heading,
  numbers,
  type TextColumn,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './text-table.ts';

const COLUMNS: readonly TextColumn[] = [
  words('step'),
  ...numbers('operations', 'pool grew by', 'per operation', 'used after'),
];

const LEGEND =
  'Growth counts all that went on during the step: also flattening and deletions that earlier ' +
  'steps left behind.';

export function storageSection({ storage }: Summary, style: TextStyle): readonly string[] {
  if (storage.length === 0) return [];
  const rows = storage.map(({ dimensions, operations, grownBytes, usedBytes }) => ({
    cells: [
      `${dimensions.step}: ${variantText(dimensions)}`,
      countText(operations),
      formatBytes(grownBytes),
      formatBytes(grownBytes / operations),
      formatBytes(usedBytes),
    ],
  }));
  const legend = wrapped(LEGEND, style.width, '').map((line) => dimmed(line, style));
  return [heading('Storage used (pool)', style), ...textTable(COLUMNS, rows, style), ...legend];
}
