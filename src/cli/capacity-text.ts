/** A capacity on paper: the answer, each limit with a bar of what it leaves, and the arithmetic. */

import type { Capacity, CapacityLimit } from '../capacity/capacity.ts';
import type { NodeRoom } from '../capacity/node-room.ts';
import { formatBytes } from '../core/bytes.ts';
import {
  labelled,
  type TextColumn,
  textTable,
  type TextStyle,
  wrapped,
} from '../report/terminal/text-table.ts';
import { countedText, countText, partText } from '../report/wording/numbers.ts';

interface CapacityPage {
  readonly scenario: string;
  readonly where: string;
  readonly rooms: readonly NodeRoom[];
  readonly capacity: Capacity;
}

export function capacityText({ capacity, ...page }: CapacityPage, style: TextStyle): string {
  const { asked, unknown, notes } = capacity;
  const limits = foldAlike(capacity.limits);
  const { width } = style;
  const bar = width < WIDE ? NARROW_BAR : WIDE_BAR;
  const rows = limits.map((limit) => ({ cells: limitCells(limit, asked, bar) }));
  const named = [
    ...limits.map((it) => [it.name, whyText(it)] as const),
    ...unknown.map(({ name, why }) => [name, why] as const),
  ];
  return [
    ...wrapped(headline(page, capacity), width, ''),
    ...shortfall(capacity),
    '',
    ...textTable(COLUMNS, rows, style),
    '',
    ...labelled(named, width),
    '',
    ...wrapped(sparedText(capacity), width),
    ...notes.flatMap((note) => wrapped(`Note: ${note}`, width)),
  ].join('\n');
}

/** Devices that a node has as many of stand in one row. */
function foldAlike(limits: readonly CapacityLimit[]): readonly CapacityLimit[] {
  const rows: CapacityLimit[] = [];
  for (const limit of limits) {
    const last = rows.at(-1);
    const device = /^devices\.kubevirt\.io\/(.*)$/.exec(limit.name)?.[1];
    if (device === undefined) rows.push(limit);
    else if (last?.name.startsWith('device') && last.allows === limit.allows) {
      rows[rows.length - 1] = { ...last, name: `${last.name}, ${device}` };
    } else rows.push({ ...limit, name: `device ${device}` });
  }
  return rows;
}

const COLUMNS: readonly TextColumn[] = [
  { title: 'limit', align: 'left' },
  { title: 'allows', align: 'right' },
  { title: 'asked', align: 'right' },
  { title: '', align: 'left' },
  { title: 'kind', align: 'left' },
];

const KINDS: Readonly<Record<CapacityLimit['kind'], string>> = {
  hard: 'hard',
  tested: 'tested maximum',
  default: 'default',
};

function limitCells(
  { name, allows, kind }: CapacityLimit,
  asked: number,
  length: number,
): readonly string[] {
  const share = allows === 0 ? Number.POSITIVE_INFINITY : asked / allows;
  const percent = Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'all';
  return [name, countText(allows), percent, barText(share, length), KINDS[kind]];
}

/** From so many columns on there is room for the wide bar, in characters as well. */
const WIDE = 80;
const WIDE_BAR = 24;
const NARROW_BAR = 8;

/** How full the limit would be; `>` where it would burst. */
function barText(share: number, length: number): string {
  const filled = Math.min(length, Math.round(share * length));
  return `${'█'.repeat(filled)}${'░'.repeat(length - filled)}${share > 1 ? '>' : ' '}`;
}

function headline(
  { scenario, where, rooms }: Omit<CapacityPage, 'capacity'>,
  { asked, fits, most, nodes, limits }: Capacity,
): string {
  const [room] = rooms;
  const size = room
    ? ` (${room.cpuMillis / 1000} CPUs, ${formatBytes(room.memoryBytes)} each)`
    : '';
  const lost = nodes.lost > 0 ? ` with ${countedText(nodes.lost, 'node')} lost` : '';
  const stops = limits[0] === undefined ? '' : `, ${limits[0].name} stops it`;
  return (
    `${scenario} on ${countedText(nodes.there, 'node')}${size} of ${where}${lost}: ` +
    `${partText(fits, asked)} VMs fit; at most ${countText(most)} of this mix${stops}`
  );
}

function shortfall({ asked, fits }: Capacity): readonly string[] {
  if (fits >= asked) return [];
  return [`${countText(asked - fits)} would find no room, and miss their deadline`];
}

function whyText({ arithmetic, source }: CapacityLimit): string {
  return `${arithmetic} [${source}]`;
}

function sparedText({ asked, fits, nodes }: Capacity): string {
  if (fits < asked) return 'Nodes that may be lost: none; not all fit as it is';
  const left = countText(nodes.there - nodes.toSpare);
  return (
    `Nodes that may be lost: ${countText(nodes.toSpare)}; the ${left} left carry the mix ` +
    '(anti-affinity and room for draining not counted)'
  );
}
