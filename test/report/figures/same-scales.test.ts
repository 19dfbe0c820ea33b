/** What stands side by side has the same scales. */

import { expect, test } from 'vitest';
import { withSameScales } from '../../../src/report/figures/same-scales.ts';
import type { Figure } from '../../../src/report/figures/figure.ts';
import { figuresOfRun } from '../../../src/report/inputs/figures-of-run.ts';
import { sampleRun } from '../reported.ts';

const figures = figuresOfRun({ ...sampleRun(), manifest: undefined });

function scaled(figure: Figure, factor: number): Figure {
  return JSON.parse(JSON.stringify(figure), (key, value) =>
    key === 'data' && Array.isArray(value) ? value.map((point) => times(point, factor)) : value,
  );
}

function times(point: unknown, factor: number): unknown {
  if (typeof point === 'number') return point * factor;
  if (Array.isArray(point)) return [point[0], (point[1] as number) * factor];
  return point;
}

function axesOf(figure: Figure | undefined, name: 'x' | 'y') {
  return figure?.rows.flatMap(({ panels }) =>
    panels.map(({ chart }) => {
      const { min, max, suggestedMax, isStacked } = chart[name];
      return isStacked ? 'stacked' : { min, max, suggestedMax };
    }),
  );
}

test('each figure of one run has the scales of the other', () => {
  const slower = figures.map((figure) => scaled(figure, 3));
  const [one, other] = withSameScales([figures, slower]);
  for (const name of ['x', 'y'] as const) {
    expect(one?.map((figure) => axesOf(figure, name))).toEqual(
      other?.map((figure) => axesOf(figure, name)),
    );
  }
});

test('the scale holds the larger of both', () => {
  const clone = figures[0] as Figure;
  const values = clone.rows[0]?.panels[1]?.chart.datasets.flatMap(({ data }) =>
    data.map((point) => (point as readonly number[])[1] as number),
  );
  const [[one] = []] = withSameScales([[clone], [scaled(clone, 3)]]);
  expect(one?.rows[0]?.panels[1]?.chart.y.suggestedMax).toBeCloseTo(
    3 * Math.max(...(values ?? [])),
  );
});

test('figures that only one run has stay as they are', () => {
  expect(withSameScales([figures, []])[0]).toEqual(figures);
});
