/**
 * Latency against the place in the wave: where it rises with the place, something serves one after
 * the other, and the slope is its service time.
 */

import { theilSen } from '../../analyse/statistics/theil-sen.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { dots, line, thin, type XY } from '../chart/parts.ts';
import { plainNumber } from '../chart/format.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { placeMedians } from './place-medians.ts';
import type { Series } from './series.ts';
import { listText, secondsText } from '../wording/numbers.ts';

const DOTS_MOST = 1500;

export function position(all: readonly Series[]): Figure | undefined {
  const drawn = all.filter(({ waves }) => waves.some(({ points }) => points.length > 1));
  if (drawn.length === 0) return undefined;
  return {
    id: 'position-in-wave',
    title: 'Latency and place in the wave',
    question: 'Does who asks later wait longer?',
    answer: `${listText(drawn.map(slopeText))}.`,
    unit: 'seconds',
    rows: panelGrid(drawn.map((series) => ({ title: series.name, chart: chart(series) }))),
    table: {
      caption: 'Median latency by place in the wave',
      headers: ['series', 'place', 'median'],
      rows: drawn.flatMap((series) =>
        thin(placeMedians(placed(series)), 20).map(([place, seconds]) => [
          series.name,
          Math.round(place),
          secondsText(seconds),
        ]),
      ),
    },
    notes: ['The line joins medians of neighbouring places. Place 1 is asked for first.'],
  };
}

/** All reached values with their place, counted from 1. */
function placed({ waves }: Series): readonly XY[] {
  return waves.flatMap(({ points }) =>
    points.flatMap(({ outcome }, i): XY[] =>
      outcome.state === 'reached' ? [[i + 1, outcome.hi]] : [],
    ),
  );
}

function slopeText(series: Series): string {
  const rows = placeMedians(placed(series));
  const slope = theilSen(
    rows.map(([x]) => x),
    rows.map(([, y]) => y),
  );
  const { name } = series;
  if (slope === undefined) return `${name}: one place only`;
  const perPlace = slope.slope * 1000;
  return `${name} ${perPlace < 0 ? '−' : '+'}${plainNumber(Math.abs(perPlace), 2)} ms a place`;
}

function chart(series: Series): ChartSpec {
  const { identity } = series;
  return {
    base: 'scatter',
    hasLegend: false,
    x: { scale: 'linear', format: 'count', title: 'place in the wave', hasGrid: false },
    y: { scale: 'linear', format: 'seconds', title: 'seconds' },
    datasets: [
      {
        ...dots('values', identity, thin(placed(series), DOTS_MOST), { size: 1.4, percent: 30 }),
        order: 4,
      },
      {
        ...line('median', { ...identity, dash: [] }, placeMedians(placed(series))),
        colour: '@text',
      },
    ],
  };
}
