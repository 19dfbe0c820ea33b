/**
 * From a chart as data to a chart.js configuration. These functions run here for the pictures and,
 * as text, on the page, so each may use its arguments and its neighbours in this file and nothing
 * else; what they need of other files comes as `tools`.
 */

import type { AxisSpec, ChartSpec, DatasetSpec, ValueFormat } from './chart-spec.ts';
import type { Theme } from './theme.ts';

export type Surface = 'picture' | 'page';

/** A chart.js configuration, or a part of one; chart.js's own types are wider than what we use. */
export type Configuration = Record<string, unknown>;

export interface Tools {
  cssColour(colour: string, theme: Theme): string;
  formatValue(format: ValueFormat, value: number): string;
  decorations(
    spec: ChartSpec,
    theme: Theme,
    cssColour: Tools['cssColour'],
  ): Readonly<Record<string, unknown>>;
}

interface Look {
  readonly spec: ChartSpec;
  readonly theme: Theme;
  readonly isPicture: boolean;
  readonly tools: Tools;
}

interface BuiltAxis {
  readonly min: number;
  readonly max: number;
  ticks: { value: number }[];
  width: number;
}

/** The chart.js configuration of `spec`: a fresh one each time, for chart.js writes into it. */
export function toConfiguration(
  spec: ChartSpec,
  theme: Theme,
  surface: Surface,
  tools: Tools,
): Configuration {
  const look: Look = { spec, theme, isPicture: surface === 'picture', tools };
  const { x, y, y2 } = spec;
  return {
    type: spec.base,
    data: {
      labels: spec.labels?.map((label) => (typeof label === 'string' ? label : [...label])),
      datasets: spec.datasets.map((dataset) => datasetOptions(look, dataset)),
    },
    options: {
      responsive: !look.isPicture,
      maintainAspectRatio: false,
      animation: false,
      indexAxis: spec.isHorizontal ? 'y' : 'x',
      color: theme.text,
      layout: { padding: { top: spec.colourKey ? 26 : 6, right: 18, bottom: 0, left: 4 } },
      interaction: { mode: 'nearest', intersect: false, axis: 'xy' },
      scales: {
        x: axisOptions(look, x),
        y: axisOptions(look, y),
        ...(y2
          ? { y2: { ...axisOptions(look, { ...y2, hasGrid: false }), position: 'right' } }
          : {}),
      },
      plugins: { legend: legendOptions(look), tooltip: tooltipOptions(look) },
    },
    plugins: [tools.decorations(spec, theme, tools.cssColour)],
  };
}

function axisOptions({ theme, tools }: Look, axis: AxisSpec): Configuration {
  const { format, at, names } = axis;
  const isCategory = axis.scale === 'category';
  const callback = (value: number) =>
    names === undefined ? tools.formatValue(format, value) : (names[value] ?? '');
  return {
    type: axis.scale === 'log' ? 'logarithmic' : axis.scale,
    min: axis.min,
    max: axis.max,
    suggestedMax: axis.suggestedMax,
    beginAtZero: axis.scale === 'linear' && axis.min === undefined,
    stacked: axis.isStacked,
    offset: isCategory ? true : undefined,
    title: { display: axis.title !== undefined, text: axis.title, color: theme.muted },
    border: { color: theme.grid },
    grid: { display: axis.hasGrid !== false, color: theme.grid, drawTicks: false },
    ticks: {
      color: theme.muted,
      padding: 6,
      maxRotation: 0,
      autoSkipPadding: 12,
      maxTicksLimit: isCategory ? 50 : 9,
      ...(isCategory ? { autoSkip: !axis.isEveryLabelShown } : { includeBounds: false, callback }),
    },
    ...(axis.width ? { afterFit: (built: BuiltAxis) => (built.width = axis.width ?? 0) } : {}),
    ...(at ? { afterBuildTicks: (built: BuiltAxis) => placeTicks(built, at) } : {}),
  };
}

/** The chosen ticks; chart.js's own where zooming has left fewer than two of them in sight. */
function placeTicks(built: BuiltAxis, at: readonly number[]): void {
  const inSight = at.filter((value) => value >= built.min && value <= built.max);
  if (inSight.length >= 2) built.ticks = inSight.map((value) => ({ value }));
}

function datasetOptions({ spec, theme, tools }: Look, dataset: DatasetSpec): Configuration {
  const type = dataset.type ?? spec.base;
  const named = typeof dataset.colour === 'string' ? [dataset.colour] : dataset.colour;
  const colours = named.map((colour) => tools.cssColour(colour, theme));
  const colour = colours.length === 1 ? colours[0] : colours;
  const size = dataset.markerSize ?? (type === 'scatter' ? 3 : 0);
  return {
    type,
    label: dataset.series,
    data: dataset.data.map((point) => (Array.isArray(point) ? [...point] : point)),
    backgroundColor: colour,
    borderColor: dataset.border === undefined ? colour : tools.cssColour(dataset.border, theme),
    borderWidth: dataset.borderWidth ?? (type === 'line' ? (dataset.width ?? 2.5) : 0),
    borderDash: dataset.dash ? [...dataset.dash] : [],
    borderRadius: dataset.corner ?? 0,
    borderSkipped: dataset.corner === undefined ? false : 'start',
    showLine: type === 'line',
    stepped: dataset.stepped ?? false,
    fill: dataset.fill ?? false,
    pointStyle: dataset.marker ?? 'circle',
    pointRadius: size,
    pointHitRadius: 8,
    pointHoverRadius: size + 2,
    pointBorderWidth: ['crossRot', 'star', 'line'].includes(dataset.marker ?? '') ? 2 : 0,
    yAxisID: dataset.isOnRight ? 'y2' : 'y',
    stack: dataset.stack,
    grouped: !dataset.isOverlaid,
    barPercentage: dataset.barShare ?? 0.86,
    categoryPercentage: dataset.barShare === 1 ? 1 : 0.8,
    order: dataset.order ?? 0,
  };
}

/** The picture's legend; the page has one of buttons. */
function legendOptions(look: Look): Configuration {
  const { spec, theme, isPicture } = look;
  const small = spec.isSmall;
  return {
    display: isPicture && spec.hasLegend !== false,
    position: 'top',
    align: 'start',
    labels: {
      generateLabels: () =>
        spec.datasets.flatMap((dataset, i) =>
          dataset.isInLegend === false ? [] : [legendItem(look, dataset, i)],
        ),
      color: theme.text,
      usePointStyle: true,
      font: { size: small ? 10 : 12 },
      pointStyleWidth: small ? 14 : 20,
      boxHeight: small ? 7 : 9,
      padding: small ? 6 : 9,
    },
  };
}

/** A piece of the line with its dash, a block for bars, the marker for points. */
function legendItem({ spec, theme, tools }: Look, dataset: DatasetSpec, index: number) {
  const type = dataset.type ?? spec.base;
  const first = typeof dataset.colour === 'string' ? dataset.colour : dataset.colour[0];
  const isLine = type === 'line' && dataset.fill !== 'origin';
  return {
    text: dataset.series,
    datasetIndex: index,
    fontColor: theme.text,
    fillStyle: tools.cssColour(first ?? '@text', theme),
    strokeStyle: tools.cssColour(dataset.border ?? first ?? '@text', theme),
    lineWidth: isLine ? (dataset.width ?? 2.5) : dataset.marker === 'line' ? 2.5 : 1,
    lineDash: isLine ? [...(dataset.dash ?? [])] : [],
    pointStyle: isLine ? 'line' : type === 'scatter' ? dataset.marker : 'rectRounded',
  };
}

interface TooltipItem {
  readonly datasetIndex: number;
  readonly dataIndex: number;
  readonly label: string;
  readonly raw: unknown;
  readonly parsed: { readonly x: number; readonly y: number };
}

function tooltipOptions({ spec, isPicture, tools }: Look): Configuration {
  const title = ([first]: readonly TooltipItem[]) => {
    if (first === undefined) return '';
    if (spec.isHorizontal || spec.x.scale === 'category') return first.label;
    return `${spec.x.title ?? ''}: ${tools.formatValue(spec.x.format, first.parsed.x)}`;
  };
  const label = (item: TooltipItem) => tooltipText(spec, item, tools);
  return { enabled: !isPicture, callbacks: { label, title }, displayColors: true };
}

/** `guest ready: 31.2 s (30.1 s to 32 s)`: the value or the ends of a bar, and its interval. */
function tooltipText(spec: ChartSpec, item: TooltipItem, tools: Tools): string {
  const dataset = spec.datasets[item.datasetIndex] as DatasetSpec;
  const axis = spec.isHorizontal ? spec.x : dataset.isOnRight && spec.y2 ? spec.y2 : spec.y;
  const written = (values: readonly number[]) =>
    values.map((value) => tools.formatValue(axis.format, value)).join(' to ');
  const ends = (item.raw as { y?: unknown } | null)?.y ?? item.raw;
  const isRange = Array.isArray(ends) && (dataset.type ?? spec.base) === 'bar';
  const value = item.parsed[spec.isHorizontal ? 'x' : 'y'];
  const whisker = dataset.whiskers?.[item.dataIndex];
  const name = dataset.pointNames?.[item.dataIndex] ?? dataset.series;
  return `${name}: ${written(isRange ? ends : [value])}${whisker ? ` (${written(whisker)})` : ''}`;
}

/** For the page. */
export const CONFIGURATION_PARTS = [
  toConfiguration,
  axisOptions,
  placeTicks,
  datasetOptions,
  legendOptions,
  legendItem,
  tooltipOptions,
  tooltipText,
];
