/** A few waves of each step: the first ones, the last one, and some between. */

import { farthestSpan, type WaveRow } from '../analyse/wave-rows.ts';
import type { Summary } from '../analyse/summary.ts';
import { metricFacts } from '../catalogue/metric-sets.ts';
import { formatBytes } from '../core/bytes.ts';
import { estimateText } from './number-text.ts';
import { variantText } from './result-table.ts';
import {
  heading,
  numbers,
  spareNumbers,
  type TextColumn,
  type TextRow,
  type TextStyle,
  textTable,
  words,
} from './text-table.ts';

/** More waves than this are thinned out: waves.csv has them all. */
const MAX_ROWS = 5;

const COLUMNS: readonly TextColumn[] = [
  words('wave'),
  ...spareNumbers('released'),
  ...numbers('n', 'missed', 'makespan', 'longest'),
  ...spareNumbers('p50'),
  ...numbers('Running', 'storage used'),
];

export function waveSection(summary: Summary, style: TextStyle): readonly string[] {
  const groups = new Map<string, WaveRow[]>();
  for (const row of summary.waves) {
    const key = `${row.dimensions.step}: ${variantText(row.dimensions)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const rows = [...groups].filter(([, { length }]) => length > 1).flatMap(groupRows);
  if (rows.length === 0) return [];
  return [heading('Waves (seconds)', style), ...textTable(COLUMNS, rows, style)];
}

function groupRows([title, rows]: [string, readonly WaveRow[]]): readonly TextRow[] {
  const shown = thinned(rows);
  const note = rows.length > shown.length ? `, ${shown.length} of ${rows.length} waves` : '';
  return [
    { cells: [`${title}${note}`], isHeading: true },
    ...shown.map((row) => ({ cells: waveCells(row) })),
  ];
}

function waveCells(row: WaveRow): readonly string[] {
  const { spans, usedBytes } = row;
  const farthest = farthestSpan(row);
  const main = farthest === undefined ? undefined : spans[farthest];
  const nearer = farthest === undefined ? undefined : metricFacts(farthest).beyond;
  return [
    `  ${row.wave + 1}${row.warmup ? ' (warm-up)' : ''}`,
    row.release.toFixed(1),
    String(row.n),
    String(row.failed + row.censored),
    estimateText(row.makespan),
    estimateText(main?.longest),
    estimateText(main?.p50),
    nearer === undefined ? '' : estimateText(spans[nearer]?.longest),
    usedBytes === undefined ? '' : formatBytes(usedBytes),
  ];
}

/** The first and the last of them, and others at equal distances. */
function thinned(rows: readonly WaveRow[]): readonly WaveRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const step = (rows.length - 1) / (MAX_ROWS - 1);
  return Array.from({ length: MAX_ROWS }, (_, i) => rows[Math.round(i * step)] as WaveRow);
}
