/** A few waves of each step: the first ones, the last one, and some between. */

import type { SpanMetric, WaveRow } from '../analyse/wave-rows.ts';
import type { Summary } from '../analyse/summary.ts';
import { formatBytes } from '../core/bytes.ts';
import { estimateText } from './number-text.ts';
import { variantText } from './result-table.ts';
import { heading, type TextColumn, type TextStyle, textTable } from './text-table.ts';

/** More waves than this are thinned out: waves.csv has them all. */
const MAX_ROWS = 8;

const LONGEST_TITLES: Readonly<Record<SpanMetric, string>> = {
  import: 'longest import',
  snapshotReady: 'longest snapshot',
  clone: 'longest clone',
  vmiRunning: 'longest Running',
  guestReady: 'longest guest',
};

export function waveSections(summary: Summary, style: TextStyle): readonly (readonly string[])[] {
  const groups = new Map<string, WaveRow[]>();
  for (const row of summary.waves) {
    const key = `${row.dimensions.step}: ${variantText(row.dimensions)}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].filter(([, rows]) => rows.length > 1).map((group) => section(group, style));
}

function section([title, rows]: [string, readonly WaveRow[]], style: TextStyle): readonly string[] {
  const metrics = (Object.keys(LONGEST_TITLES) as SpanMetric[]).filter((metric) =>
    rows.some(({ spans }) => spans[metric] !== undefined),
  );
  const titles = ['released', 'n', 'missed', 'makespan', ...metrics.map((m) => LONGEST_TITLES[m])];
  const columns: readonly TextColumn[] = [
    { title: 'wave', align: 'left' },
    ...[...titles, 'storage used'].map((text) => ({ title: text, align: 'right' as const })),
  ];
  const shown = thinned(rows).map((row) => ({ cells: waveCells(row, metrics) }));
  const note = rows.length > shown.length ? `, ${shown.length} of ${rows.length} waves` : '';
  return [
    heading(`Waves of ${title}${note} (seconds)`, style),
    ...textTable(columns, shown, style),
  ];
}

function waveCells(row: WaveRow, metrics: readonly SpanMetric[]): readonly string[] {
  return [
    `${row.wave + 1}${row.warmup ? ' warm-up' : ''}`,
    row.release.toFixed(1),
    String(row.n),
    String(row.failed + row.censored),
    estimateText(row.makespan),
    ...metrics.map((metric) => estimateText(row.spans[metric]?.longest)),
    row.usedBytes === undefined ? '-' : formatBytes(row.usedBytes),
  ];
}

/** The first and the last of them, and others at equal distances. */
function thinned(rows: readonly WaveRow[]): readonly WaveRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const step = (rows.length - 1) / (MAX_ROWS - 1);
  return Array.from({ length: MAX_ROWS }, (_, i) => rows[Math.round(i * step)] as WaveRow);
}
