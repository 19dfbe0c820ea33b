/**
 * How long until a whole wave is up, by image; `Running` beside `guest ready`. Running means that
 * the VM's process has started, not that its operating system is up; only the guest's agent tells
 * that.
 */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { markedLine, tint } from '../chart/parts.ts';
import { BOOT_GOALS, type BootFact } from '../facts/wave-facts.ts';
import { sizeText } from '../wording/labels.ts';
import { countText, estimateText, listText, withInterval } from '../wording/numbers.ts';
import { getBarLength, largest, getWhisker } from './chart-values.ts';
import { type Figure, oneRow } from './figure.ts';
import { toSeconds, type Series } from './series.ts';

export interface ImageBoots {
  readonly label: string;
  readonly fact: BootFact;
  readonly running: Series;
  /** Until the guest was ready, or answered; absent where no guest was waited for. */
  readonly guest: Series | undefined;
}

/** Undefined where nothing was booted. */
export function boots(images: readonly ImageBoots[]): Figure | undefined {
  if (images.length === 0) return undefined;
  return {
    id: `boot-${images.map(({ running }) => running.key).join('-vs-')}`,
    title: `Booting ${listText(images.map(({ label }) => label))}`,
    question: 'How long until a wave of VMs is up?',
    answer: answer(images),
    unit: 'seconds',
    rows: oneRow(
      {
        title: `Slowest VM of a wave: Running (pale), ${guestGoal(images)}`,
        share: 5,
        chart: waveBars(images),
      },
      { title: 'Slowest VM of each wave', share: 4, chart: overWaves(images) },
    ),
    table: {
      caption: 'Boot times by image, from the creation of the VMI',
      headers: ['image', 'until', 'VMs', 'p50', 'p95', 'p99', 'slowest of a wave', 'whole wave'],
      rows: images.flatMap(tableRows),
    },
    notes: [
      'Running means that the virtual machine has been started on its node. Guest ready means ' +
        'that its operating system has booted so far that the guest agent answers; guest ' +
        'reachable, that it has answered over the network, from where bench runs.',
      'The slowest of a wave is the longest latency of a single VM, from its creation. The whole ' +
        'wave runs from its release to the last VM: it holds the ramp and our own queueing too. ' +
        'Both grow with the size of the wave.',
    ],
  };
}

function answer(images: readonly ImageBoots[]): string {
  const parts = images.map(({ label, fact }) => {
    const { size, slowest, wholeWave, statistic } = fact;
    const how = statistic === 'mean' ? '' : ' (median wave)';
    const whole = `the whole wave from its release ${estimateText(wholeWave)}`;
    return `${sizeText(size)}${label} VMs ${estimateText(slowest)}${how}, ${whole}`;
  });
  const isGuest = images.some(({ fact }) => fact.until !== 'running');
  const goal = isGuest ? guestGoal(images) : BOOT_GOALS.running.goal;
  const isMean = images.every(({ fact }) => fact.statistic === 'mean');
  return `Slowest VM of a wave, ${goal}${isMean ? ', mean over waves' : ''}: ${parts.join('; ')}.`;
}

/** `guest ready`; of several images the goals that they have, joined. */
function guestGoal(images: readonly ImageBoots[]): string {
  const goals = images.flatMap(({ fact: { until } }) =>
    until === 'running' ? [] : [BOOT_GOALS[until].goal],
  );
  return [...new Set(goals)].join(' or ') || BOOT_GOALS.guestReady.goal;
}

function runningOf({ fact }: ImageBoots): Estimate | undefined {
  return fact.until === 'running' ? fact.slowest : fact.slowestRunning;
}

function readyOf({ fact }: ImageBoots): Estimate | undefined {
  return fact.until === 'running' ? undefined : fact.slowest;
}

function waveBars(images: readonly ImageBoots[]): ChartSpec {
  const tops = images.map(
    ({ fact: { slowest } }) => getWhisker(slowest)?.[1] ?? getBarLength(slowest),
  );
  const bars = (
    series: string,
    percent: number,
    read: (image: ImageBoots) => Estimate | undefined,
  ) => ({
    series,
    data: images.map((image) => getBarLength(read(image))),
    colour: images.map(({ running }) => tint(running.identity.colour, percent)),
    whiskers: images.map((image) => getWhisker(read(image))),
    valueLabels: images.map((image) => estimateText(read(image))),
    corner: 5,
    barShare: 0.8,
  });
  return {
    base: 'bar',
    hasLegend: false,
    labels: images.map(({ label, fact }) => [label, `waves of ${sizeText(fact.size)}`.trimEnd()]),
    x: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    y: {
      scale: 'linear',
      format: 'seconds',
      title: 'slowest of the wave, over waves (seconds)',
      suggestedMax: Math.max(...tops) * 1.14,
    },
    datasets: [bars('VMI Running', 45, runningOf), bars('guest ready', 100, readyOf)],
  };
}

function overWaves(images: readonly ImageBoots[]): ChartSpec {
  return {
    base: 'line',
    x: { scale: 'linear', format: 'count', title: 'VMs started so far', hasGrid: false },
    y: { scale: 'linear', format: 'seconds', title: 'slowest of the wave (seconds)' },
    datasets: images.map(({ label, guest, running }) => {
      const { waves, identity } = guest ?? running;
      const points = waves.map(
        ({ cumulative, points }) => [cumulative, largest(points.map(toSeconds))] as const,
      );
      return { ...markedLine(label, identity, points), markerSize: 2.5, width: 1.5 };
    }),
  };
}

function tableRows(image: ImageBoots) {
  const row = (until: string, series: Series, slowest: Estimate | undefined, whole: string) => [
    image.label,
    until,
    countText(series.n),
    withInterval(series.p50),
    withInterval(series.p95),
    withInterval(series.p99),
    withInterval(slowest),
    whole,
  ];
  const { running, guest, fact } = image;
  const whole = withInterval(fact.wholeWave);
  return [
    row('VMI Running', running, runningOf(image), guest === undefined ? whole : ''),
    ...(guest === undefined
      ? []
      : [row(BOOT_GOALS[fact.until].goal, guest, readyOf(image), whole)]),
  ];
}
