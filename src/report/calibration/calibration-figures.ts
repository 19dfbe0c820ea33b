/**
 * Measured and twin drawn over each other: how many were done by when, and how the time grows with
 * the place in the wave.
 */

import { spreadOfValues } from '../../analyse/spread.ts';
import type { Overlay } from '../../calibrate/overlay.ts';
import { isWhole, type StageWave } from '../../calibrate/stage-times.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { logAxis } from '../chart/log-axis.ts';
import { line, steps, thin, type XY } from '../chart/parts.ts';
import type { Identity } from '../chart/theme.ts';
import type { Figure } from '../figures/figure.ts';
import { panelGrid } from '../figures/panel-grid.ts';
import { placeMedians } from '../figures/place-medians.ts';
import { listText, secondsNumber } from '../wording/numbers.ts';
import { exactPercent, stageName } from './calibration-words.ts';

const MEASURED: Identity = { colour: 'blue', dash: [], marker: 'circle' };
const TWIN: Identity = { colour: 'orange', dash: [7, 4], marker: 'rect' };

const CURVE_POINTS = 300;
const NAMED_MOST = 3;
/** What hardly varies is drawn on an axis that is no narrower than this, as a ratio of its ends. */
const AXIS_LEAST = 2;
/** On a logarithmic axis nothing is quicker, seconds. */
const LEAST_SECONDS = 1e-3;

/** Of what the cluster's users wait for; then of the stages that these are made of. */
export function calibrationFigures(overlays: readonly Overlay[]): readonly Figure[] {
  const wholes = overlays.filter(({ stage }) => isWhole(stage));
  const parts = overlays.filter(({ stage }) => !isWhole(stage));
  return [
    distributions(wholes, 'twin-distributions', 'How many were done by when, measured and twin'),
    profiles(wholes),
    distributions(parts, 'twin-stages', 'Stage by stage, measured and twin'),
  ].flatMap((figure) => figure ?? []);
}

function distributions(all: readonly Overlay[], id: string, title: string): Figure | undefined {
  if (all.length === 0) return undefined;
  const rows = all.map((overlay) => ({
    overlay,
    measured: valuesOf(overlay.measured),
    twin: valuesOf(overlay.twin),
  }));
  const apart = rows
    .map(({ overlay, measured, twin }) => ({
      name: stageName(overlay),
      share: Math.abs(p(twin, 0.5) / p(measured, 0.5) - 1),
    }))
    .sort((a, b) => b.share - a.share);
  const worst = apart.slice(0, NAMED_MOST);
  return {
    id,
    title,
    question: 'Does the twin take as long as the cluster did?',
    answer:
      `Medians furthest apart: ` +
      `${listText(worst.map(({ name, share }) => `${name} ${exactPercent(share)}`))}.`,
    unit: 'seconds',
    rows: panelGrid(
      rows.map(({ overlay, measured, twin }) => ({
        title: stageName(overlay),
        chart: distributionChart(measured, twin),
      })),
    ),
    table: {
      caption: `${title}: quantiles, seconds`,
      headers: ['stage', 'n', 'p10', 'twin', 'p50', 'twin', 'p90', 'twin', 'p95', 'twin'],
      rows: rows.map(({ overlay, measured, twin }) => [
        stageName(overlay),
        measured.length,
        ...[0.1, 0.5, 0.9, 0.95].flatMap((q) => [
          secondsNumber(p(measured, q)),
          secondsNumber(p(twin, q)),
        ]),
      ]),
    },
    notes: [
      'Only operations that got there, and of which the history gives both moments. The time ' +
        'axis is logarithmic.',
    ],
  };
}

function distributionChart(measured: readonly number[], twin: readonly number[]): ChartSpec {
  const all = [...measured, ...twin];
  const least = Math.max(0.95 * Math.min(...all), LEAST_SECONDS);
  const most = Math.max(1.04 * Math.max(...all), LEAST_SECONDS);
  const widened = Math.sqrt(Math.max(1, AXIS_LEAST / (most / least)));
  return {
    base: 'line',
    x: logAxis(least / widened, most * widened),
    y: {
      scale: 'linear',
      format: 'percent',
      min: 0,
      max: 1,
      title: 'share done',
      at: [0, 0.25, 0.5, 0.75, 1],
    },
    datasets: [
      steps('measured', MEASURED, stairs(measured)),
      steps('twin, simulated', TWIN, stairs(twin)),
    ],
  };
}

/** `values` ascend. */
function stairs(values: readonly number[]): readonly XY[] {
  const points = values.map(
    (value, i): XY => [Math.max(value, LEAST_SECONDS), (i + 1) / values.length],
  );
  const [first] = points;
  return first === undefined ? [] : [[first[0], 0], ...thin(points, CURVE_POINTS)];
}

function profiles(all: readonly Overlay[]): Figure | undefined {
  const drawn = all.filter(({ measured }) => measured.some(({ values }) => values.length > 1));
  if (drawn.length === 0) return undefined;
  const rows = drawn.map((overlay) => ({
    overlay,
    measured: profile(overlay.measured),
    twin: profile(overlay.twin),
  }));
  return {
    id: 'twin-wave-profile',
    title: 'Place in the wave, measured and twin',
    question: 'Does who asks later wait as much longer on the twin as on the cluster?',
    answer: `From the first places to the last: ${listText(rows.map(growthText))}.`,
    unit: 'seconds',
    rows: panelGrid(
      rows.map(({ overlay, measured, twin }) => ({
        title: stageName(overlay),
        chart: {
          base: 'line',
          x: { scale: 'linear', format: 'count', title: 'place in the wave', hasGrid: false },
          y: { scale: 'linear', format: 'seconds', title: 'seconds', min: 0 },
          datasets: [line('measured', MEASURED, measured), line('twin, simulated', TWIN, twin)],
        },
      })),
    ),
    table: {
      caption: 'Median by place in the wave, seconds',
      headers: ['stage', 'place', 'measured', 'twin'],
      rows: rows.flatMap(({ overlay, measured, twin }) =>
        thin(measured, 10).map(([place, seconds]) => [
          stageName(overlay),
          Math.round(place),
          secondsNumber(seconds),
          secondsNumber(twin.find(([other]) => other === place)?.[1] ?? Number.NaN),
        ]),
      ),
    },
    notes: ['Place 1 is asked for first. Medians of neighbouring places, over all waves.'],
  };
}

function growthText({ overlay, measured, twin }: Profiled): string {
  const growth = (points: readonly XY[]) =>
    `${secondsNumber(points[0]?.[1] ?? Number.NaN)} to ` +
    `${secondsNumber(points.at(-1)?.[1] ?? Number.NaN)} s`;
  return `${stageName(overlay)} ${growth(measured)} (twin ${growth(twin)})`;
}

interface Profiled {
  readonly overlay: Overlay;
  readonly measured: readonly XY[];
  readonly twin: readonly XY[];
}

/** Over the waves; places count from 1. */
function profile(waves: readonly StageWave[]): readonly XY[] {
  return placeMedians(
    waves.flatMap(({ values }) => values.map((seconds, i): XY => [i + 1, seconds])),
  );
}

function p(values: readonly number[], q: number): number {
  return values.length === 0 ? Number.NaN : (spreadOfValues(values, [q])[0] ?? Number.NaN);
}

function valuesOf(waves: readonly StageWave[]): readonly number[] {
  return waves.flatMap(({ values }) => values).sort((a, b) => a - b);
}
