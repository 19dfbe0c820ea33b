/** What the clones of each step cost in storage. */

import type { Summary } from '../analyse/summary.ts';
import { formatBytes } from '../core/bytes.ts';
import { countText } from './number-text.ts';
import { variantText } from './result-table.ts';
import {
  heading,
  numbers,
  type TextColumn,
  type TextStyle,
  textTable,
  words,
} from './text-table.ts';

const COLUMNS: readonly TextColumn[] = [
  words('step'),
  ...numbers('operations', 'pool grew by', 'per operation', 'used after'),
];

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
  return [heading('Storage used (pool)', style), ...textTable(COLUMNS, rows, style)];
}
