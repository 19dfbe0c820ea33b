/**
 * From a chart as data to a chart.js configuration, and what chart.js cannot draw by itself. These
 * functions run here for the pictures and, as text, on the page. What a writer would get wrong:
 * each may use its arguments and the other functions of `RUNTIME` and nothing else (no import, no
 * constant of this file), since on the page there is nothing else.
 */

import type { AxisSpec, ChartSpec, DatasetSpec, TextMark, ValueFormat } from './chart-spec.ts';
import type { Theme } from './theme.ts';

export type Surface = 'picture' | 'page';

type Data = Record<string, unknown>;

/** The little of a running chart that the drawing functions use. */
export interface DrawnChart {
  readonly ctx: Pen;
  readonly chartArea: { left: number; right: number; top: number; bottom: number };
  readonly scales: Readonly<Record<string, { getPixelForValue(value: number): number }>>;
  readonly width: number;
  readonly data: { readonly datasets: readonly object[] };
  getDatasetMeta(index: number): {
    readonly hidden: boolean | null;
    readonly visible?: boolean;
    readonly data: readonly { readonly x: number; readonly y: number }[];
  };
  isDatasetVisible(index: number): boolean;
}

interface BuiltAxis {
  readonly min: number;
  readonly max: number;
  ticks: { value: number }[];
}

interface Pen {
  font: string;
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  textAlign: string;
  textBaseline: string;
  save(): void;
  restore(): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  setLineDash(dash: readonly number[]): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
}

/** All functions of this file that the page needs, in one text. */
export function runtimeSource(): string {
  return RUNTIME.map((part) => part.toString()).join('\n');
}

/** A CSS colour of `@name`, `@name/percent` or a CSS colour. */
export function colourOf(colour: string, theme: Theme): string {
  if (!colour.startsWith('@')) return colour;
  const [name = '', percent] = colour.slice(1).split('/');
  const hex = theme[name as keyof Theme];
  if (percent === undefined) return hex;
  const alpha = Math.round((Number(percent) / 100) * 255);
  return hex + alpha.toString(16).padStart(2, '0');
}

/** A value with its unit, to three figures and never more than the data carry. */
export function formatValue(format: ValueFormat, value: number): string {
  if (format === 'percentile') return `p${plainNumber(100 * (1 - 1 / value), 5)}`;
  if (format === 'percent') return `${plainNumber(100 * value, 3)} %`;
  if (format === 'count') return plainNumber(value, 12);
  const units = {
    seconds: ' s',
    milliseconds: ' ms',
    minutes: ' min',
    hours: ' h',
    gibibytes: ' GiB',
    tebibytes: ' TiB',
    perSecond: '/s',
    plain: '',
  };
  return plainNumber(value, 3) + units[format];
}

/** `1,234`, `32.1`, `0.05`: so many significant figures, whole numbers whole. */
export function plainNumber(value: number, figures: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const size = Math.abs(value);
  const decimals = size === 0 ? 0 : figures - 1 - Math.floor(Math.log10(size));
  const fixed = value.toFixed(Math.min(Math.max(decimals, 0), 6));
  const [whole = '', part = ''] = fixed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const kept = part.replace(/0+$/, '');
  return kept === '' ? grouped : `${grouped}.${kept}`;
}

/** The chart.js configuration of `spec`: a fresh one each time, for chart.js writes into it. */
export function toConfiguration(spec: ChartSpec, theme: Theme, surface: Surface): Data {
  const isPicture = surface === 'picture';
  const scales: Data = {
    x: axisOptions(spec.x, theme, 'x'),
    y: axisOptions(spec.y, theme, 'y'),
  };
  if (spec.y2 !== undefined) scales['y2'] = axisOptions(spec.y2, theme, 'y2');
  return {
    type: spec.base,
    data: {
      labels: spec.labels?.map((label) => (typeof label === 'string' ? label : [...label])),
      datasets: spec.datasets.map((dataset) => datasetOptions(dataset, spec, theme)),
    },
    options: {
      responsive: !isPicture,
      maintainAspectRatio: false,
      animation: false,
      indexAxis: spec.isHorizontal ? 'y' : 'x',
      color: theme.text,
      layout: { padding: { top: spec.colourKey ? 26 : 6, right: 18, bottom: 0, left: 4 } },
      interaction: { mode: 'nearest', intersect: false, axis: 'xy' },
      scales,
      plugins: {
        legend: legendOptions(spec, theme, isPicture),
        tooltip: tooltipOptions(spec, isPicture),
      },
    },
    plugins: [decorations(spec, theme)],
  };
}

export function axisOptions(axis: AxisSpec, theme: Theme, id: string): Data {
  const isLog = axis.scale === 'log';
  const format = axis.format;
  const options: Data = {
    type: isLog ? 'logarithmic' : axis.scale,
    min: axis.min,
    max: axis.max,
    suggestedMax: axis.suggestedMax,
    beginAtZero: axis.scale === 'linear' && axis.min === undefined,
    stacked: axis.isStacked,
    reverse: axis.isReversed,
    offset: axis.scale === 'category' ? true : undefined,
    position: id === 'y2' ? 'right' : undefined,
    title: { display: axis.title !== undefined, text: axis.title, color: theme.muted },
    border: { color: theme.grid },
    grid: { display: axis.hasGrid !== false && id !== 'y2', color: theme.grid, drawTicks: false },
    ticks: { color: theme.muted, padding: 6, maxRotation: 0, autoSkipPadding: 12 },
  };
  if (axis.scale === 'category') {
    (options['ticks'] as Data)['autoSkip'] = !axis.isEveryLabelShown;
    return options;
  }
  const ticks = options['ticks'] as Data;
  ticks['maxTicksLimit'] = 9;
  ticks['includeBounds'] = false;
  ticks['callback'] = (value: number) => formatValue(format, value);
  if (axis.at) options['afterBuildTicks'] = (built: BuiltAxis) => placeTicks(built, axis.at ?? []);
  return options;
}

/** The chosen ticks; chart.js's own where zooming has left fewer than two of them in sight. */
export function placeTicks(built: BuiltAxis, at: readonly number[]): void {
  const inSight = at.filter((value) => value >= built.min && value <= built.max);
  if (inSight.length >= 2) built.ticks = inSight.map((value) => ({ value }));
}

export function datasetOptions(dataset: DatasetSpec, spec: ChartSpec, theme: Theme): Data {
  const type = dataset.type ?? spec.base;
  const colours = (typeof dataset.colour === 'string' ? [dataset.colour] : dataset.colour).map(
    (colour) => colourOf(colour, theme),
  );
  const colour = colours.length === 1 ? colours[0] : colours;
  const size = dataset.markerSize ?? (type === 'scatter' ? 3 : 0);
  const border = dataset.border === undefined ? colour : colourOf(dataset.border, theme);
  return {
    ...dataset,
    type,
    label: dataset.series,
    data: dataset.data.map((point) => (Array.isArray(point) ? [...point] : point)),
    backgroundColor: colour,
    borderColor: border,
    borderWidth: dataset.borderWidth ?? (type === 'line' ? (dataset.width ?? 2.5) : 0),
    borderDash: dataset.dash ? [...dataset.dash] : [],
    borderRadius: dataset.corner ?? 0,
    borderSkipped: dataset.corner === undefined ? false : 'start',
    showLine: type === 'line',
    stepped: dataset.stepped ?? false,
    spanGaps: false,
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
export function legendOptions(spec: ChartSpec, theme: Theme, isPicture: boolean): Data {
  const isShown = (item: { datasetIndex?: number }) =>
    spec.datasets[item.datasetIndex ?? 0]?.isInLegend !== false;
  return {
    display: isPicture && spec.hasLegend !== false,
    position: 'top',
    align: 'start',
    labels: {
      filter: isShown,
      sort: (a: { datasetIndex: number }, b: { datasetIndex: number }) =>
        a.datasetIndex - b.datasetIndex,
      generateLabels: () => spec.datasets.map((dataset, i) => legendItem(dataset, i, spec, theme)),
      color: theme.text,
      usePointStyle: true,
      font: { size: spec.isSmall ? 10 : 12 },
      pointStyleWidth: spec.isSmall ? 14 : 20,
      boxHeight: spec.isSmall ? 7 : 9,
      padding: spec.isSmall ? 6 : 9,
    },
  };
}

/** A piece of the line with its dash, a block for bars, the marker for points. */
export function legendItem(
  dataset: DatasetSpec,
  index: number,
  spec: ChartSpec,
  theme: Theme,
): Data {
  const type = dataset.type ?? spec.base;
  const first = typeof dataset.colour === 'string' ? dataset.colour : dataset.colour[0];
  const colour = colourOf(dataset.border ?? first ?? '@text', theme);
  const isLine = type === 'line' && dataset.fill !== 'origin';
  return {
    text: dataset.series,
    datasetIndex: index,
    fontColor: theme.text,
    fillStyle: colourOf(first ?? '@text', theme),
    strokeStyle: colour,
    lineWidth: isLine ? (dataset.width ?? 2.5) : dataset.marker === 'line' ? 2.5 : 1,
    lineDash: isLine ? [...(dataset.dash ?? [])] : [],
    pointStyle: isLine ? 'line' : type === 'scatter' ? dataset.marker : 'rectRounded',
  };
}

export function tooltipOptions(spec: ChartSpec, isPicture: boolean): Data {
  const axisOf = (dataset: DatasetSpec): AxisSpec => {
    if (spec.isHorizontal) return spec.x;
    return dataset.isOnRight && spec.y2 ? spec.y2 : spec.y;
  };
  const label = (item: { datasetIndex: number; dataIndex: number; raw: unknown; parsed: Data }) => {
    const dataset = spec.datasets[item.datasetIndex] as DatasetSpec;
    const { format } = axisOf(dataset);
    const value = item.parsed[spec.isHorizontal ? 'x' : 'y'] as number;
    const ends = (item.raw as { y?: unknown } | null)?.y ?? item.raw;
    const isRange = Array.isArray(ends) && (dataset.type ?? spec.base) === 'bar';
    const shown = isRange
      ? ends.map((end: number) => formatValue(format, end)).join(' to ')
      : formatValue(format, value);
    const whisker = dataset.whiskers?.[item.dataIndex];
    const doubt = whisker
      ? ` (${whisker.map((end) => formatValue(format, end)).join(' to ')})`
      : '';
    const name = dataset.pointNames?.[item.dataIndex];
    return `${name ?? dataset.series}: ${shown}${doubt}`;
  };
  const title = (items: readonly { label: string; parsed: Data }[]) => {
    const first = items[0];
    if (first === undefined || spec.isHorizontal || spec.x.scale === 'category')
      return first?.label;
    return `${spec.x.title ?? ''}: ${formatValue(spec.x.format, first.parsed['x'] as number)}`;
  };
  return { enabled: !isPicture, callbacks: { label, title }, displayColors: true };
}

/** Strips and lines under the data; error bars, value labels and words over it. */
export function decorations(spec: ChartSpec, theme: Theme): Data {
  return {
    id: 'bench',
    beforeDatasetsDraw: (chart: DrawnChart) => drawRules(chart, spec, theme),
    afterDatasetsDraw: (chart: DrawnChart) => {
      spec.datasets.forEach((dataset, index) => {
        if (!chart.isDatasetVisible(index)) return;
        drawWhiskers(chart, spec, dataset, index, theme);
        drawValueLabels(chart, spec, dataset, index, theme);
      });
      for (const text of spec.texts ?? []) drawText(chart, text, theme);
      drawColourKey(chart, spec, theme);
    },
  };
}

export function drawRules(chart: DrawnChart, spec: ChartSpec, theme: Theme): void {
  const { ctx, chartArea: area, scales } = chart;
  ctx.save();
  for (const rule of spec.rules ?? []) {
    const scale = scales[rule.axis];
    if (!scale) continue;
    const from = scale.getPixelForValue(rule.from);
    const to = scale.getPixelForValue(rule.to ?? rule.from);
    const [lo, hi] = [Math.min(from, to), Math.max(from, to)];
    const isUpright = rule.axis === 'x';
    const [near, far] = isUpright ? [area.left, area.right] : [area.top, area.bottom];
    if (hi < near - 1 || lo > far + 1) continue;
    ctx.fillStyle = ctx.strokeStyle = colourOf(rule.colour, theme);
    const start = Math.max(lo, near);
    const length = Math.min(hi, far) - start;
    if (rule.to !== undefined) {
      if (isUpright) ctx.fillRect(start, area.top, length, area.bottom - area.top);
      else ctx.fillRect(area.left, start, area.right - area.left, length);
    } else {
      ctx.lineWidth = 1.5;
      ctx.setLineDash(rule.dash ?? []);
      ctx.beginPath();
      ctx.moveTo(isUpright ? from : area.left, isUpright ? area.top : from);
      ctx.lineTo(isUpright ? from : area.right, isUpright ? area.bottom : from);
      ctx.stroke();
    }
  }
  ctx.restore();
}

export function drawWhiskers(
  chart: DrawnChart,
  spec: ChartSpec,
  dataset: DatasetSpec,
  index: number,
  theme: Theme,
): void {
  const { ctx, scales } = chart;
  const scale = scales[spec.isHorizontal ? 'x' : dataset.isOnRight ? 'y2' : 'y'];
  if (!dataset.whiskers || !scale) return;
  ctx.save();
  ctx.strokeStyle = colourOf(dataset.whiskerColour ?? '@text', theme);
  ctx.lineWidth = 1.75;
  ctx.setLineDash([]);
  chart.getDatasetMeta(index).data.forEach((element, i) => {
    const ends = dataset.whiskers?.[i];
    if (!ends) return;
    const [a, b] = [scale.getPixelForValue(ends[0]), scale.getPixelForValue(ends[1])];
    const cap = dataset.whiskerColour ? 0 : 5;
    const at = (along: number, across: number) =>
      spec.isHorizontal
        ? ([along, element.y + across] as const)
        : ([element.x + across, along] as const);
    ctx.beginPath();
    ctx.moveTo(...at(a, 0));
    ctx.lineTo(...at(b, 0));
    for (const end of [a, b]) {
      ctx.moveTo(...at(end, -cap));
      ctx.lineTo(...at(end, cap));
    }
    ctx.stroke();
  });
  ctx.restore();
}

export function drawValueLabels(
  chart: DrawnChart,
  spec: ChartSpec,
  dataset: DatasetSpec,
  index: number,
  theme: Theme,
): void {
  if (!dataset.valueLabels) return;
  const { ctx, scales } = chart;
  const scale = scales[spec.isHorizontal ? 'x' : 'y'];
  ctx.save();
  ctx.font = "bold 14px 'DejaVu Sans', system-ui, sans-serif";
  ctx.fillStyle = theme.text;
  chart.getDatasetMeta(index).data.forEach((element, i) => {
    const end = dataset.whiskers?.[i]?.[1];
    const past = end === undefined ? undefined : scale?.getPixelForValue(end);
    const text = dataset.valueLabels?.[i] ?? '';
    ctx.textAlign = spec.isHorizontal ? 'left' : 'center';
    ctx.textBaseline = spec.isHorizontal ? 'middle' : 'bottom';
    if (spec.isHorizontal) ctx.fillText(text, Math.max(element.x, past ?? 0) + 10, element.y);
    else ctx.fillText(text, element.x, Math.min(element.y, past ?? element.y) - 6);
  });
  ctx.restore();
}

export function drawText(chart: DrawnChart, mark: TextMark, theme: Theme): void {
  const { ctx, chartArea: area, scales } = chart;
  const xs = { left: area.left, right: area.right, center: (area.left + area.right) / 2 };
  const ys = { top: area.top, bottom: area.bottom, middle: (area.top + area.bottom) / 2 };
  const x = typeof mark.x === 'number' ? scales['x']?.getPixelForValue(mark.x) : xs[mark.x];
  const y = typeof mark.y === 'number' ? scales['y']?.getPixelForValue(mark.y) : ys[mark.y];
  const asked = mark.size ?? 12;
  const size =
    asked <= 12 ? asked : Math.max(11, asked * Math.min(1, (area.right - area.left) / 380));
  ctx.save();
  ctx.font = `${mark.isBold ? 'bold ' : ''}${size}px 'DejaVu Sans', system-ui, sans-serif`;
  ctx.fillStyle = colourOf(mark.colour ?? '@text', theme);
  ctx.textAlign = mark.align ?? 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(mark.text, (x ?? 0) + (mark.dx ?? 0), (y ?? 0) + (mark.dy ?? 0));
  ctx.restore();
}

/** A strip of the colours with their ends, above the chart on the right. */
export function drawColourKey(chart: DrawnChart, spec: ChartSpec, theme: Theme): void {
  const key = spec.colourKey;
  if (!key) return;
  const { ctx, chartArea: area } = chart;
  const [cell, height, y] = [14, 10, area.top - 18];
  ctx.save();
  ctx.font = "12px 'DejaVu Sans', system-ui, sans-serif";
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.fillStyle = theme.muted;
  ctx.fillText(key.to, area.right, y + height / 2);
  const end = area.right - ctx.measureText(key.to).width - 8;
  const start = end - cell * key.colours.length;
  ctx.fillText(`${key.title}   ${key.from}`, start - 8, y + height / 2);
  key.colours.forEach((colour, i) => {
    ctx.fillStyle = colour;
    ctx.fillRect(start + i * cell, y, cell, height);
  });
  ctx.restore();
}

const RUNTIME = [
  colourOf,
  formatValue,
  plainNumber,
  toConfiguration,
  axisOptions,
  placeTicks,
  datasetOptions,
  legendOptions,
  legendItem,
  tooltipOptions,
  decorations,
  drawRules,
  drawWhiskers,
  drawValueLabels,
  drawText,
  drawColourKey,
];
