/** Clocks behind the server's stamps: offset +- half-width, and which are not to be relied on. */

import type { ClockOffset } from '../analyse/clocks/clock-offsets.ts';
import type { Summary } from '../analyse/summary.ts';
import {
  dimmed,
  heading,
  numbers,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './text-table.ts';

const COLUMNS = [words('clock'), ...numbers('minus ours (ms)', 'drift (ppm)'), words('')];

/** Nodes alike are one row; suspects always have one of their own, up to so many. */
const SUSPECTS_MOST = 20;

const LEGEND = 'Headline figures rest on our own monotonic clock alone.';

export function clockSection({ validity }: Summary, style: TextStyle): readonly string[] {
  const { clocks } = validity;
  if (clocks.length === 0) return [];
  const sound = clocks.filter(({ suspect }) => suspect === undefined);
  const suspects = clocks.filter(({ suspect }) => suspect !== undefined);
  const nodes = sound.filter(isNode);
  const more = suspects.length - SUSPECTS_MOST;
  const rows = [
    ...sound.filter((clock) => !isNode(clock)).map(clockRow),
    ...(nodes.length > 0 ? [nodesRow(nodes)] : []),
    ...suspects.slice(0, SUSPECTS_MOST).map(clockRow),
    ...(more > 0 ? [{ cells: [`${more} more`, '', '', 'SUSPECT'] }] : []),
  ];
  const legend = wrapped(LEGEND, style.width, '').map((line) => dimmed(line, style));
  return [heading('Clocks', style), ...textTable(COLUMNS, rows, style), ...legend];
}

function isNode({ clock }: ClockOffset): boolean {
  return clock.startsWith('node/');
}

function clockRow({ clock, offset, halfWidth, driftPpm, suspect }: ClockOffset) {
  return {
    cells: [
      clock,
      `${ms(offset)} +-${ms(halfWidth)}`,
      driftPpm === undefined ? '' : driftPpm.toFixed(1),
      suspect === undefined ? '' : `SUSPECT: ${suspect}`,
    ],
  };
}

/** The widest bounds that hold for each of them. */
function nodesRow(nodes: readonly ClockOffset[]) {
  const lo = Math.min(...nodes.map(({ offset, halfWidth }) => offset - halfWidth));
  const hi = Math.max(...nodes.map(({ offset, halfWidth }) => offset + halfWidth));
  return { cells: [`${nodes.length} nodes`, `${ms(lo)} to ${ms(hi)}`, '', ''] };
}

function ms(seconds: number): string {
  return String(Math.round(seconds * 1000));
}
