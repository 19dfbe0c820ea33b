/**
 * The seam between charts as data and whatever draws them: nothing that is no finite number passes
 * it. An axis without end is no blemish. chart.js counts its ticks until the memory is full, and
 * takes the process with it; and where all of a group failed, the least and the greatest of its
 * times are infinite.
 */

import type { AxisSpec, ChartSpec, DatasetSpec, Rule, TextMark } from './chart-spec.ts';

/** The same chart with all that cannot be drawn left out; points keep their places. */
export function drawable(spec: ChartSpec): ChartSpec {
  const { y2, rules, texts } = spec;
  return {
    ...spec,
    x: drawableAxis(spec.x),
    y: drawableAxis(spec.y),
    ...(y2 === undefined ? {} : { y2: drawableAxis(y2) }),
    datasets: spec.datasets.map(drawableDataset),
    ...(rules === undefined ? {} : { rules: rules.filter(isDrawableRule) }),
    ...(texts === undefined ? {} : { texts: texts.filter(isDrawableText) }),
  };
}

/** Ends that are no numbers, or the wrong way round, are left to the data. */
function drawableAxis({ min, max, suggestedMax, at, ...rest }: AxisSpec): AxisSpec {
  const isUsable = (value: number | undefined): value is number =>
    value !== undefined && Number.isFinite(value) && (rest.scale !== 'log' || value > 0);
  const isInOrder = !isUsable(min) || !isUsable(max) || min < max;
  return {
    ...rest,
    ...(isUsable(min) && isInOrder ? { min } : {}),
    ...(isUsable(max) && isInOrder ? { max } : {}),
    ...(isUsable(suggestedMax) ? { suggestedMax } : {}),
    ...(at === undefined ? {} : { at: at.filter(isUsable) }),
  };
}

function drawableDataset(dataset: DatasetSpec): DatasetSpec {
  const { data, whiskers } = dataset;
  return {
    ...dataset,
    data: data.map(drawablePoint),
    ...(whiskers === undefined
      ? {}
      : { whiskers: whiskers.map((ends) => (ends?.every(Number.isFinite) ? ends : null)) }),
  };
}

type AnyPoint = DatasetSpec['data'][number];

/** A gap where the point has no place. */
function drawablePoint(point: AnyPoint): AnyPoint {
  if (point === null || typeof point === 'number') return Number.isFinite(point) ? point : null;
  if ('x' in point) {
    const ends = typeof point.y === 'number' ? [point.y] : point.y;
    return [point.x, ...ends].every(Number.isFinite) ? point : null;
  }
  const [x, y] = point;
  if (!Number.isFinite(x)) return null;
  return y === null || Number.isFinite(y) ? point : [x, null];
}

function isDrawableRule({ from, to = from }: Rule): boolean {
  return Number.isFinite(from) && Number.isFinite(to);
}

function isDrawableText({ x, y }: TextMark): boolean {
  return [x, y].every((place) => typeof place === 'string' || Number.isFinite(place));
}
