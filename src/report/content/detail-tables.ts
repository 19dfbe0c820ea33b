/** What stands behind the results: waves, stages, storage, dependence, clocks, misses. */

import type { ClockOffset } from '../../analyse/clocks/clock-offsets.ts';
import type { CrossCheck } from '../../analyse/cross-check.ts';
import { farthestSpan, type WaveRow } from '../../analyse/wave-rows.ts';
import { HEADLINE_METRICS, nearerMetrics } from '../../catalogue/metric-sets.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Table } from '../figures/figure.ts';
import { plainText } from '../../core/plain-text.ts';
import { metricText, stageText, variantText } from '../../catalogue/names.ts';
import { UNFINISHED } from '../wording/labels.ts';
import {
  bytesText,
  countText,
  estimateNumber,
  percentText,
  measuredText,
} from '../wording/numbers.ts';
import { secondsNumber } from '../wording/numbers.ts';

export function wavesTable({ waves }: Summary): Table {
  return {
    caption: 'Waves in seconds',
    headers: [
      'step',
      'wave',
      'n',
      'missed',
      'released',
      'slowest',
      'Running',
      'whole wave',
      'used',
    ],
    rows: waves.map(waveCells),
    groupedBy: 0,
    spare: ['used', 'released', 'Running'],
    legend:
      'slowest: the longest latency of the wave; whole wave: from its release to the last one; ' +
      'used: storage at its end, raw.',
  };
}

function waveCells(row: WaveRow) {
  const { dimensions, wave, warmup, n, failed, censored, release, makespan, spans } = row;
  const farthest = farthestSpan(row);
  const nearer = farthest && nearerMetrics(farthest).find((metric) => spans[metric] !== undefined);
  return [
    `${dimensions.step}: ${variantText(dimensions)}`,
    `${wave + 1}${warmup ? ' (warm-up)' : ''}`,
    countText(n),
    countText(failed + censored),
    secondsNumber(release),
    farthest === undefined ? '' : estimateNumber(spans[farthest]?.longest),
    nearer === undefined ? '' : estimateNumber(spans[nearer]?.longest),
    estimateNumber(makespan),
    row.usedBytes === undefined ? '' : bytesText(row.usedBytes),
  ];
}

/** The first waves, the last one and some between, of each step: the CSV file has them all. */
export function someWavesTable(summary: Summary): Table {
  const groups = new Map<string, WaveRow[]>();
  for (const row of summary.waves) {
    const key = `${row.dimensions.step}: ${variantText(row.dimensions)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const several = [...groups.values()].filter(({ length }) => length > 1);
  return wavesTable({ ...summary, waves: several.flatMap(thinned) });
}

const WAVES_MOST = 5;

function thinned(rows: readonly WaveRow[]): readonly WaveRow[] {
  if (rows.length <= WAVES_MOST) return rows;
  const step = (rows.length - 1) / (WAVES_MOST - 1);
  return Array.from({ length: WAVES_MOST }, (_, i) => rows[Math.round(i * step)] as WaveRow);
}

export function stagesTable({ stages }: Summary): Table {
  return {
    caption: 'Mean seconds in each stage, of the objects that went all the way',
    headers: ['objects', 'n', 'stage', 'mean'],
    rows: stages.flatMap(({ of, dimensions, n, stages: each }) =>
      each.map(({ stage, seconds }) => [
        `${dimensions.step}: ${variantText(dimensions)} ${of}s`,
        countText(n),
        stageText(of, stage),
        secondsNumber(seconds),
      ]),
    ),
    groupedBy: 0,
  };
}

/** Operations that missed their goal, by what stood in the way. */
export function missesTable({ misses }: Summary): Table {
  return {
    caption: 'What missed, and why',
    headers: [
      'step',
      'what stood in the way',
      'outcome',
      'reason',
      'n',
      'of the step',
      'for example',
    ],
    rows: misses.map(({ class: found, how, reason, step, verb, kind, n, share, example }) => [
      `${step}: ${verb} ${kind}`,
      found,
      how === 'failed' ? 'failed' : UNFINISHED,
      plainText(reason),
      countText(n),
      percentText(share),
      plainText(
        example.message === undefined ? example.object : `${example.object}: ${example.message}`,
      ),
    ]),
    groupedBy: 0,
  };
}

export function storageTable({ storage }: Summary): Table {
  return {
    caption: 'Storage used: raw bytes, replicas counted',
    headers: ['step', 'n', 'grew by', 'each', 'used after'],
    rows: storage.map(({ dimensions, operations, grownBytes, usedBytes, isMixed }) => [
      `${dimensions.step}: ${variantText(dimensions)}`,
      countText(operations),
      bytesText(grownBytes),
      isMixed ? 'mixed' : bytesText(grownBytes / operations),
      bytesText(usedBytes),
    ]),
    legend:
      'mixed: flattening or deletions that an earlier step left were still under way, so ' +
      'what this step itself took is not known; let the pool rest before it, or run it alone.',
  };
}

/** By what its Prometheus said. */
export function feltTable({ felt = [] }: Summary): Table {
  const answered = new Set(felt.flatMap(({ name, n }) => (n > 0 ? [name] : [])));
  const silent = new Set(felt.flatMap(({ name }) => (answered.has(name) ? [] : [name])));
  return {
    caption: 'What the cluster felt meanwhile, by its Prometheus',
    headers: ['step', 'what', 'series', 'mean', 'most', 'of'],
    ...(silent.size > 0 && { legend: `No answer to: ${plainText([...silent].join(', '))}.` }),
    rows: felt
      .filter(({ name }) => answered.has(name))
      .map(({ step, name, unit, series, mean, max, of = {} }) => [
        step,
        plainText(name),
        countText(series),
        mean === undefined ? '-' : measuredText(mean, unit),
        max === undefined ? '-' : measuredText(max, unit),
        plainText(
          Object.entries(of)
            .filter(([key]) => key !== '__name__')
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
        ),
      ]),
    groupedBy: 0,
  };
}

/** How alike the VMs of a wave are: n of them tell as much as n / design effect that are not. */
export function dependenceTable({ metrics }: Summary): Table {
  return {
    caption: 'Dependence within waves',
    headers: ['metric', 'n', 'waves', 'ICC', 'design effect', 'effective n'],
    rows: metrics.flatMap(({ metric, dimensions, n, waves, icc, designEffect }) => {
      if (!HEADLINE_METRICS.has(metric) || icc === undefined || designEffect === undefined)
        return [];
      return [
        [
          `${dimensions.step}: ${variantText(dimensions)} ${metricText(metric)}`,
          countText(n),
          countText(waves),
          (Math.round(icc * 100) / 100 + 0).toFixed(2),
          designEffect.toFixed(1),
          countText(Math.floor(n / designEffect)),
        ],
      ];
    }),
  };
}

/** Two medians side by side, never subtracted: stamps are whole seconds of other clocks. */
export function crossCheckTable({ crossChecks }: Summary): Table {
  return {
    caption: 'Cross-check by server stamps, seconds',
    headers: ['metric', 'n', 'median by stamps', 'median by our watch', 'verdict'],
    rows: crossChecks.map((check) => [
      `${check.dimensions.step}: ${variantText(check.dimensions)} ${metricText(check.metric)}`,
      countText(check.n),
      `${Math.round(check.server * 10) / 10} +-${check.resolution.toFixed(1)}`,
      secondsNumber(check.ours),
      agreementText(check),
    ]),
    legend:
      'Stamps are whole seconds of other clocks: differences of them are known to +-1 s at best.',
  };
}

function agreementText({ agrees, corrected }: CrossCheck): string {
  if (agrees) return 'agrees';
  return corrected ? 'DISAGREES' : 'DISAGREES (clock offsets unknown)';
}

/** Nodes alike are one row; suspects always have one of their own, up to so many. */
const SUSPECTS_MOST = 20;

export function clocksTable({ validity: { clocks } }: Summary): Table {
  const sound = clocks.filter(({ suspect }) => suspect === undefined);
  const suspects = clocks.filter(({ suspect }) => suspect !== undefined);
  const nodes = sound.filter(isNode);
  const more = suspects.length - SUSPECTS_MOST;
  return {
    caption: 'Clocks behind the stamps',
    headers: ['clock', 'minus ours (ms)', 'drift (ppm)', 'doubt'],
    rows: [
      ...sound.filter((clock) => !isNode(clock)).map(clockCells),
      ...(nodes.length > 0 ? [nodesCells(nodes)] : []),
      ...suspects.slice(0, SUSPECTS_MOST).map(clockCells),
      ...(more > 0 ? [[`${more} more`, '', '', 'SUSPECT']] : []),
    ],
    legend: 'Latencies rest on our own monotonic clock alone.',
  };
}

function isNode({ clock }: ClockOffset): boolean {
  return clock.startsWith('node/');
}

function clockCells({ clock, offset, halfWidth, driftPpm, suspect }: ClockOffset) {
  return [
    clock,
    `${milliseconds(offset)} +-${milliseconds(halfWidth)}`,
    driftPpm === undefined ? '' : driftPpm.toFixed(1),
    suspect === undefined ? '' : `SUSPECT: ${suspect}`,
  ];
}

/** The widest bounds that hold for each of them. */
function nodesCells(nodes: readonly ClockOffset[]) {
  const lo = Math.min(...nodes.map(({ offset, halfWidth }) => offset - halfWidth));
  const hi = Math.max(...nodes.map(({ offset, halfWidth }) => offset + halfWidth));
  return [`${nodes.length} nodes`, `${milliseconds(lo)} to ${milliseconds(hi)}`, '', ''];
}

function milliseconds(seconds: number): string {
  return String(Math.round(seconds * 1000));
}
