/**
 * How long until a whole wave is up, by image; `VMI Running` beside `guest ready`. What a reader
 * would get wrong: Running means that the virtual machine's process has started, not that its
 * operating system is up; only the guest's agent tells that.
 */

import type { PointEstimate } from '../../analyse/statistics/estimate.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { markedLine, tint } from '../chart/parts.ts';
import { type Figure, oneRow } from './figure.ts';
import { toSeconds, type Series } from './series.ts';
import {
  getBarLength,
  countText,
  largest,
  estimateText,
  listText,
  getWhisker,
  withIntervalText,
} from './words.ts';

export interface ImageBoots {
  readonly key: string;
  readonly label: string;
  /** VMs in a wave. */
  readonly waveSize: number;
  readonly running: Series;
  /** Absent where no guest was waited for. */
  readonly guestReady: Series | undefined;
  /** The longest of each wave: mean over waves, or the median where waves missed someone. */
  readonly waveRunning: PointEstimate | undefined;
  readonly waveGuestReady: PointEstimate | undefined;
  readonly statistic: 'mean' | 'median';
}

/** Undefined where nothing was booted. */
export function boots(images: readonly ImageBoots[]): Figure | undefined {
  if (images.length === 0) return undefined;
  return {
    id: `boot-${images.map(({ key }) => key).join('-vs-')}`,
    title: `Booting ${listText(images.map(({ label }) => label))}`,
    question: 'How long until a wave of VMs is up?',
    answer: answer(images),
    unit: 'seconds',
    rows: oneRow(
      { title: 'Last VM of a wave: Running (pale) and ready', share: 5, chart: waveBars(images) },
      { title: 'The last guest of each wave', share: 4, chart: overWaves(images) },
    ),
    table: {
      caption: 'Boot times by image, from the creation of the VMI',
      headers: ['image', 'until', 'VMs', 'p50', 'p95', 'p99', 'slowest of a wave, typically'],
      rows: images.flatMap(tableRows),
    },
    notes: [
      'Running means that the virtual machine has been started on its node. Guest ready means ' +
        'that its operating system has booted so far that the guest agent answers.',
      'The slowest of a wave is a makespan: it grows with the size of the wave.',
    ],
  };
}

function answer(images: readonly ImageBoots[]): string {
  const parts = images.map(({ label, waveSize, waveGuestReady, waveRunning, statistic }) => {
    const time = estimateText(waveGuestReady ?? waveRunning);
    const how = statistic === 'mean' ? '' : ' (median wave)';
    return `${countText(waveSize)} ${label} VMs in ${time}${how}`;
  });
  const isGuest = images.some(({ waveGuestReady }) => waveGuestReady !== undefined);
  const isMean = images.every(({ statistic }) => statistic === 'mean');
  const goal = isGuest ? 'ready' : 'Running';
  return `${listText(parts)} until the last is ${goal}${isMean ? ', mean over waves' : ''}.`;
}

function waveBars(images: readonly ImageBoots[]): ChartSpec {
  const tops = images.map(({ waveGuestReady, waveRunning }) => {
    const last = waveGuestReady ?? waveRunning;
    return last === undefined ? 0 : (last.hi ?? last.value);
  });
  const bars = (
    series: string,
    percent: number,
    read: (image: ImageBoots) => PointEstimate | undefined,
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
    labels: images.map(({ label, waveSize }) => [label, `waves of ${countText(waveSize)}`]),
    x: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    y: {
      scale: 'linear',
      format: 'seconds',
      title: 'slowest of the wave, over waves (seconds)',
      suggestedMax: Math.max(...tops) * 1.14,
    },
    datasets: [
      bars('VMI Running', 45, ({ waveRunning }) => waveRunning),
      bars('guest ready', 100, ({ waveGuestReady }) => waveGuestReady),
    ],
  };
}

function overWaves(images: readonly ImageBoots[]): ChartSpec {
  return {
    base: 'line',
    x: { scale: 'linear', format: 'count', title: 'VMs started so far', hasGrid: false },
    y: { scale: 'linear', format: 'seconds', title: 'slowest of the wave (seconds)' },
    datasets: images.map(({ label, guestReady, running }) => {
      const { waves, identity } = guestReady ?? running;
      const points = waves.map(
        ({ cumulative, points }) => [cumulative, largest(points.map(toSeconds))] as const,
      );
      return { ...markedLine(label, identity, points), markerSize: 2.5, width: 1.5 };
    }),
  };
}

function tableRows(image: ImageBoots) {
  const row = (until: string, series: Series, wave: PointEstimate | undefined) => [
    image.label,
    until,
    countText(series.n),
    withIntervalText(series.p50),
    withIntervalText(series.p95),
    withIntervalText(series.p99),
    withIntervalText(wave),
  ];
  const { running, guestReady, waveRunning, waveGuestReady } = image;
  return [
    row('VMI Running', running, waveRunning),
    ...(guestReady === undefined ? [] : [row('guest ready', guestReady, waveGuestReady)]),
  ];
}
