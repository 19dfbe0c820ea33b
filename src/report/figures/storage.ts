/** What the clones cost in storage: how the pool grew with each clone. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { line, markedLine, type XY } from '../chart/parts.ts';
import { type Identity, IDENTITIES } from '../chart/theme.ts';
import { toTimeAxis } from '../chart/time-axis.ts';
import { GIB } from '../../core/bytes.ts';
import { type Figure, oneRow } from './figure.ts';
import { bytesText, countText, listText } from '../wording/numbers.ts';

export interface StorageInput {
  /** Growth since before the first wave, at the end of each wave. */
  readonly arms: readonly StorageArm[];
  /** Bytes used over the run. */
  readonly overTime: readonly { readonly atS: number; readonly usedBytes: number }[];
  /** When which kind of work began. */
  readonly begun: readonly { readonly atS: number; readonly what: string }[];
  readonly totalBytes: number | undefined;
}

export interface StorageArm {
  readonly label: string;
  readonly noun: string;
  readonly identity: Identity;
  /** Background work of others may be in its growth. */
  readonly isMixed: boolean;
  readonly points: readonly { readonly objects: number; readonly grownBytes: number }[];
}

const TIB = 2 ** 40;

export function storage(input: StorageInput): Figure | undefined {
  const { arms, overTime } = input;
  const filled = arms.filter(({ points }) => points.length > 0);
  if (filled.length === 0 || overTime.length < 2) return undefined;
  return {
    id: 'storage',
    title: 'Storage used',
    question: 'What does a clone cost in storage?',
    answer: answer(input, filled),
    unit: 'bytes used in the pool',
    rows: oneRow(
      { title: 'Growth with the number of objects', share: 5, chart: growthChart(filled) },
      { title: 'Bytes used over the run', share: 4, chart: timeChart(input) },
    ),
    table: {
      caption: 'Growth of the pool',
      headers: ['arm', 'objects', 'growth', 'per object'],
      rows: filled.map((arm) => {
        const last = arm.points.at(-1);
        const [objects, bytes] = [last?.objects ?? 0, last?.grownBytes ?? 0];
        const each = arm.isMixed ? 'mixed' : bytesText(bytes / objects);
        return [arm.label, countText(objects), bytesText(bytes), each];
      }),
    },
    notes: [
      'Raw bytes, replicas counted, as the pool reports them. Copies in the background go on ' +
        'after a wave, so some of its growth shows in the next.',
      'Mixed: flattening or deletions that an earlier step left behind were still under way.',
    ],
  };
}

function answer({ totalBytes, overTime }: StorageInput, arms: readonly StorageArm[]): string {
  const most = overTime.reduce((peak, { usedBytes }) => Math.max(peak, usedBytes), 0);
  const of = totalBytes === undefined ? '' : ` of ${bytesText(totalBytes)}`;
  const each = `Raw growth per object: ${listText(arms.map(perObject))}`;
  return `${each}; used at most ${bytesText(most)}${of}.`;
}

function perObject({ label, points, isMixed }: StorageArm): string {
  if (isMixed) return `${label} mixed with background work of an earlier step`;
  const last = points.at(-1);
  return `${label} ${bytesText((last?.grownBytes ?? 0) / (last?.objects ?? 1))}`;
}

function growthChart(arms: readonly StorageArm[]): ChartSpec {
  const most = Math.max(...arms.flatMap(({ points }) => points.map((p) => p.grownBytes)));
  const [unit, format] =
    most >= TIB ? ([TIB, 'tebibytes'] as const) : ([GIB, 'gibibytes'] as const);
  return {
    base: 'line',
    x: { scale: 'linear', format: 'count', title: 'objects asked for in the arm', hasGrid: false },
    y: { scale: 'linear', format, title: 'growth of the bytes used' },
    datasets: arms.map(({ label, identity, points }) =>
      markedLine(label, identity, [
        [0, 0],
        ...points.map(({ objects, grownBytes }): XY => [objects, grownBytes / unit]),
      ]),
    ),
  };
}

function timeChart({ overTime, totalBytes, begun }: StorageInput): ChartSpec {
  const axis = toTimeAxis(overTime.at(-1)?.atS ?? 1);
  const most = Math.max(...overTime.map(({ usedBytes }) => usedBytes));
  const [unit, format] =
    most >= TIB ? ([TIB, 'tebibytes'] as const) : ([GIB, 'gibibytes'] as const);
  const isNear = totalBytes !== undefined && most > totalBytes / 3;
  const points = overTime.map(({ atS, usedBytes }): XY => [atS / axis.perUnitS, usedBytes / unit]);
  const used = { ...(IDENTITIES[5] as Identity), colour: 'green' as const, dash: [] };
  return {
    base: 'line',
    hasLegend: false,
    x: {
      scale: 'linear',
      format: axis.format,
      title: `since the start (${axis.unit})`,
      hasGrid: false,
    },
    y: { scale: 'linear', format, title: 'used' },
    datasets: [
      { ...line('used', used, points), fill: 'origin', colour: '@green/20', border: '@green' },
    ],
    rules: [
      ...(isNear
        ? [{ axis: 'y', from: totalBytes / unit, colour: '@vermillion', dash: [6, 4] } as const]
        : []),
      ...begun.map(
        ({ atS }) =>
          ({ axis: 'x', from: atS / axis.perUnitS, colour: '@muted', dash: [2, 4] }) as const,
      ),
    ],
    texts: begun.map(({ atS, what }) => ({
      x: atS / axis.perUnitS,
      y: 'top',
      text: what,
      dx: 4,
      dy: 8,
      size: 11,
      colour: '@muted',
    })),
  };
}
