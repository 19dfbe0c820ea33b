/** A tornado on the terminal: a row a constant, its bar left and right of the figure as it is. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Sensitivity, SensitivityBar } from '../../compare/study-sensitivity.ts';
import { estimateNumber, percentText } from '../wording/numbers.ts';
import { sensitiveFigure } from '../wording/study-words.ts';
import { type TextColumn, textTable, type TextStyle, wrapped } from './text-table.ts';

/** Rows on a screen; all constants are in study.json and on the page. */
const ROWS_MAX = 15;

/** Characters on either side of the figure as it is. */
const HALF_WIDTH = 12;

const COLUMNS: readonly TextColumn[] = [
  { title: 'constant', align: 'left' },
  { title: 'half', align: 'right' },
  { title: 'p95, s', align: 'right' },
  { title: '', align: 'left', isOptional: true },
  { title: 'p95, s', align: 'right' },
  { title: 'one and a half', align: 'right' },
  { title: 'moves by', align: 'right' },
];

export function tornadoLines(sensitivity: Sensitivity, style: TextStyle): readonly string[] {
  const { base, bars } = sensitivity;
  const shown = bars.slice(0, ROWS_MAX);
  const ends = shown.flatMap(({ low, high }) => [
    distance(base, low.p95),
    distance(base, high.p95),
  ]);
  const reach = Math.max(...ends.filter(Number.isFinite).map(Math.abs), 0);
  const rest = bars.length - shown.length;
  return [
    ...wrapped(`${sensitiveFigure(sensitivity)}, ${estimateNumber(base)} s as it is`, style.width),
    '',
    ...textTable(
      COLUMNS,
      shown.map((bar) => ({ cells: cells(bar, base, reach) })),
      style,
    ),
    ...(rest === 0 ? [] : [`and ${rest} more that move it less`]),
  ];
}

function cells({ path, low, high, swing }: SensitivityBar, base: Estimate, reach: number) {
  const [left, right] = [distance(base, low.p95), distance(base, high.p95)];
  return [
    path.replace(/^simulation\./, ''),
    low.value,
    estimateNumber(low.p95),
    bar([left, right], reach),
    estimateNumber(high.p95),
    high.value,
    swing === undefined ? '-' : percentText(swing),
  ];
}

function distance(base: Estimate, estimate: Estimate | undefined): number {
  if (estimate === undefined || !('value' in estimate) || !('value' in base)) return Number.NaN;
  return estimate.value - base.value;
}

/** `     ####|##       `: below the figure on its left, above it on its right. */
function bar(distances: readonly number[], reach: number): string {
  const length = (distance: number) =>
    reach > 0 && Number.isFinite(distance) ? Math.round((distance / reach) * HALF_WIDTH) : 0;
  const below = Math.max(0, ...distances.map((each) => -length(each)));
  const above = Math.max(0, ...distances.map(length));
  return `${'#'.repeat(below).padStart(HALF_WIDTH)}|${'#'.repeat(above).padEnd(HALF_WIDTH)}`;
}
