/**
 * Latencies by the server's stamps beside ours. Two medians side by side, never subtracted: stamps
 * are whole seconds of other clocks, and can only tell that something is badly wrong.
 */

import type { CrossCheck } from '../analyse/cross-check.ts';
import type { Summary } from '../analyse/summary.ts';
import { countText, secondsText } from './number-text.ts';
import { variantText } from './result-table.ts';
import {
  dimmed,
  heading,
  numbers,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './text-table.ts';

const COLUMNS = [
  words('metric'),
  ...numbers('n', 'median by stamps', 'median by our watch'),
  words(''),
];

const LEGEND =
  'Stamps are whole seconds of other clocks: differences of them are known to +-1 s at best.';

export function crossCheckSection({ crossChecks }: Summary, style: TextStyle): readonly string[] {
  if (crossChecks.length === 0) return [];
  const rows = crossChecks.map((check) => ({
    cells: [
      `${check.dimensions.step}: ${check.metric} ${variantText(check.dimensions)}`,
      countText(check.n),
      `${Math.round(check.server * 10) / 10} +-${check.resolution.toFixed(1)}`,
      secondsText(check.ours),
      verdictText(check),
    ],
  }));
  const legend = wrapped(LEGEND, style.width, '').map((line) => dimmed(line, style));
  return [
    heading('Cross-check by server stamps (seconds)', style),
    ...textTable(COLUMNS, rows, style),
    ...legend,
  ];
}

function verdictText({ agrees, corrected }: CrossCheck): string {
  if (agrees) return 'agrees';
  return corrected ? 'DISAGREES' : 'DISAGREES (clock offsets unknown)';
}
