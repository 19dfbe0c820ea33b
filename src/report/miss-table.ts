/**
 * What missed and why, for the terminal. What a reader would get wrong: messages come from the
 * cluster, and a terminal obeys control characters; none of them gets there.
 */

import type { MissGroup } from '../analyse/misses.ts';
import type { Summary } from '../analyse/summary.ts';
import { countText } from './number-text.ts';
import {
  heading,
  numbers,
  type TextColumn,
  type TextRow,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './text-table.ts';

const COLUMNS: readonly TextColumn[] = [
  words('what stood in the way'),
  { title: 'outcome', align: 'left' },
  { title: 'reason', align: 'left' },
  ...numbers('operations', 'of the step'),
];

/** More groups than this are for the report and summary.json. */
const GROUPS_MOST = 12;

const EXAMPLE_LINES_MOST = 3;

export function missSection({ misses }: Summary, style: TextStyle): readonly string[] {
  if (misses.length === 0) return [];
  const rows = misses.slice(0, GROUPS_MOST).flatMap((group) => groupRows(group, style.width));
  const rest = misses.length - GROUPS_MOST;
  return [
    heading('What missed, and why', style),
    ...textTable(COLUMNS, rows, style),
    ...(rest > 0 ? [`${rest} more kinds of misses are in summary.json.`] : []),
  ];
}

/** Text without what a terminal would obey, on one line. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ');
}

function groupRows(group: MissGroup, width: number): readonly TextRow[] {
  const { how, reason, step, verb, kind, n, share, example } = group;
  const said = example.message === undefined ? '' : `: ${example.message}`;
  const text = plainText(`  ${step}: ${verb} ${kind}, first ${example.object}${said}`);
  const lines = wrapped(text.trim(), width - 2, '  ');
  const shown = lines.slice(0, EXAMPLE_LINES_MOST);
  const isCut = lines.length > shown.length;
  return [
    { cells: [group.class, how, plainText(reason), countText(n), `${(100 * share).toFixed(1)} %`] },
    ...shown.map((line, i) => ({
      cells: [`  ${line}${isCut && i === shown.length - 1 ? ' …' : ''}`],
      isHeading: true,
    })),
  ];
}
