/** Where every operation of a group missed its goal there is a report all the same. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChartSpec } from '../../../src/report/chart/chart-spec.ts';
import { drawable } from '../../../src/report/chart/drawable.ts';
import { logAxis } from '../../../src/report/chart/log-axis.ts';
import { figuresOfRun } from '../../../src/report/inputs/figures-of-run.ts';
import { history } from '../../support/history.ts';
import { evaluated, reportOf } from '../reported.ts';

/** Clones of two sources compared, and boots; the groups named miss to the last. */
function missedRun(missed: readonly string[], how: 'failed' | 'censored') {
  const draft = history();
  const variants = [
    { image: 'rhel9', source: 'pvc' },
    { image: 'rhel9', source: 'snapshot' },
  ];
  const clones = draft.step({ kind: 'clone', variants, until: 'dataVolumeSucceeded' });
  const boots = draft.step({ kind: 'boot', variants: [{ image: 'rhel9' }], until: 'guestReady' });
  for (let wave = 0; wave < 4; wave++) {
    const at = 100 * wave;
    draft.wave({ step: clones, wave, at, n: 3 });
    for (let i = 0; i < 3; i++) {
      const name = `v-${wave}-${i}`;
      const variant = wave % 2;
      const clone = { step: clones, wave, name, sent: at + i, seen: at + i + 0.1, variant };
      if (missed.includes(variants[variant]?.source ?? '')) {
        const { operation } = draft.clone(clone);
        draft.miss(operation, at + 20, how, 'Timeout');
      } else draft.clone({ ...clone, succeeded: at + 10 + i });
    }
    draft.wave({ step: boots, wave, at: at + 50, n: 1 });
    const { operation } = draft.boot({ step: boots, wave, name: `b-${wave}`, seen: at + 50 });
    draft.miss(operation, at + 90, how, 'Timeout');
  }
  draft.end(500, 'partial');
  return evaluated(draft.run());
}

function numbersOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(numbersOf);
}

const CASES = [['pvc'], ['pvc', 'snapshot']].flatMap((missed) =>
  (['failed', 'censored'] as const).map((how) => [how, missed] as const),
);

test.each(CASES)('all %s of %s: every chart has finite axes', (how, missed) => {
  const run = missedRun(missed, how);
  const charts = figuresOfRun({ ...run, manifest: undefined }).flatMap(({ rows }) =>
    rows.flatMap(({ panels }) => panels.map(({ chart }) => chart)),
  );
  expect(charts.length).toBeGreaterThan(0);
  for (const { x, y, y2 } of charts) {
    expect(numbersOf([x, y, y2]).filter((each) => !Number.isFinite(each))).toEqual([]);
  }
});

test('where nothing succeeded there is a report, with its pictures', async () => {
  const { pageBytes } = await reportOf(missedRun(['pvc', 'snapshot'], 'failed'));
  expect(pageBytes).toBeGreaterThan(10_000);
});

test('whatever ends a logarithmic axis is given, it has an end', () => {
  const anything = fc.double();
  fc.assert(
    fc.property(anything, anything, (lo, hi) => {
      const { min = 0, max = 0, at = [] } = logAxis(lo, hi);
      expect(min).toBeGreaterThan(0);
      expect(max).toBeGreaterThan(min);
      expect(numbersOf([max, at]).every(Number.isFinite)).toBe(true);
      expect(at.length).toBeLessThan(1000);
    }),
  );
});

test('no number that is none passes the seam, and points keep their places', () => {
  const anything = fc.double();
  const point = fc.oneof(
    anything,
    fc.constant(null),
    fc.tuple(anything, anything),
    fc.record({ x: anything, y: fc.tuple(anything, anything) }),
  );
  const axis = fc.record({
    scale: fc.constantFrom('linear' as const, 'log' as const),
    format: fc.constant('plain' as const),
    min: anything,
    max: anything,
    suggestedMax: anything,
    at: fc.array(anything),
  });
  const dataset = fc.record({
    series: fc.constant('s'),
    colour: fc.constant('@text' as const),
    data: fc.array(point),
    whiskers: fc.array(fc.option(fc.tuple(anything, anything))),
  });
  const spec = fc.record({
    base: fc.constant('line' as const),
    x: axis,
    y: axis,
    datasets: fc.array(dataset),
    rules: fc.array(
      fc.record({
        axis: fc.constant('x' as const),
        from: anything,
        to: anything,
        colour: fc.constant('@text' as const),
      }),
    ),
    texts: fc.array(fc.record({ x: anything, y: anything, text: fc.constant('t') })),
  });
  fc.assert(
    fc.property(spec, (one: ChartSpec) => {
      const drawn = drawable(one);
      expect(numbersOf(drawn).filter((each) => !Number.isFinite(each))).toEqual([]);
      expect(drawn.datasets.map(({ data }) => data.length)).toEqual(
        one.datasets.map(({ data }) => data.length),
      );
    }),
  );
});
