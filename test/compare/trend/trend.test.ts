import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../../../src/compare/change-points/detectors.ts';
import { trendOfNights, trendOfValues } from '../../../src/compare/trend/trend.ts';
import { trendGroups } from '../../../src/compare/trend/trend-groups.ts';
import { type SeriesKey, seriesPoints } from '../../../src/compare/history/series.ts';
import { night, noisy, steps } from '../../support/nights.ts';

const LEVELS = noisy('trend', steps([30, 30], [20, 39]));
const BOOT: SeriesKey = {
  metric: 'guestReady',
  statistic: 'p50',
  step: 'boot rhel9',
  image: 'rhel9',
};

function rows(values: readonly (number | undefined)[]) {
  return values.map((value, i) => ({ time: String(i), value }));
}

describe('a trend', () => {
  test('has the plain means of both segments beside the levels of the test', () => {
    const { changePoints } = trendOfValues(rows(LEVELS), 'lowerIsBetter', DETECTORS.bench);
    const mean = (from: number, to: number) =>
      LEVELS.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
    expect(changePoints).toHaveLength(1);
    const [change] = changePoints;
    expect(change?.index).toBe(30);
    expect(change?.before).toBeCloseTo(mean(0, 30), 9);
    expect(change?.after).toBeCloseTo(mean(30, 50), 9);
    expect(change?.levels.before.value).toBeLessThan(change?.before ?? 0);
    expect(change?.direction).toBe('worse');
  });

  test('counts the rows without a value, and never fills them in', () => {
    const gaps = LEVELS.flatMap((value, i) => (i % 10 === 5 ? [undefined, value] : [value]));
    const { changePoints, points } = trendOfValues(rows(gaps), 'lowerIsBetter', DETECTORS.bench);
    expect(changePoints.map(({ index }) => index)).toEqual([33]);
    expect(points.filter(({ value }) => value === null)).toHaveLength(5);
  });

  test('knows which way is better', () => {
    const up = trendOfValues(rows(LEVELS), 'higherIsBetter', DETECTORS.bench);
    expect(up.changePoints[0]?.direction).toBe('better');
  });

  test.each([[[]], [[1]], [[undefined, undefined]], [steps([40, 7])]])(
    'of %j has no change',
    (values: readonly (number | undefined)[]) => {
      for (const detector of Object.values(DETECTORS)) {
        expect(trendOfValues(rows(values), 'lowerIsBetter', detector).changePoints).toEqual([]);
      }
    },
  );

  test('of nights names what differs between the last of one level and the first of the next', () => {
    const nights = LEVELS.map((boot, index) =>
      night({ index, boot, facts: index < 30 ? {} : { 'simulation.attacher.qps': '2.5' } }),
    );
    const trend = trendOfNights(BOOT, seriesPoints(nights, BOOT), DETECTORS.bench);
    expect(trend.changePoints[0]?.blame).toEqual({
      lastGood: 'night-29',
      firstBad: 'night-30',
      differences: [{ fact: 'simulation.attacher.qps', before: '5', after: '2.5' }],
    });
  });
});

describe('the trends of a history', () => {
  const nights = [0, 1, 2].map((index) => night({ index }));
  const others = [3, 4].map((index) => night({ index, environment: 'ssd' }));

  test('are grouped by scenario and environment', () => {
    const groups = trendGroups([...nights, ...others], {}, DETECTORS.bench);
    expect(groups.map(({ environment, nights: n }) => [environment.name, n])).toEqual([
      ['lab', 3],
      ['ssd', 2],
    ]);
    expect(trendGroups(nights, { scenario: 'other' }, DETECTORS.bench)).toEqual([]);
  });

  test('are of the gated figures, or of those asked for', () => {
    const names = (filter: Parameters<typeof trendGroups>[1]) =>
      trendGroups(nights, filter, DETECTORS.bench)[0]?.series.map(
        ({ metric, statistic }) => `${metric} ${statistic}`,
      );
    expect(names({})).toEqual([
      'guestReady p95',
      'guestReady p50',
      'guestReady successShare',
      'waveMakespan p50',
    ]);
    expect(names({ metric: 'guestReady', statistic: 'p99' })).toEqual(['guestReady p99']);
    expect(names({ metric: 'nothing' })).toEqual([]);
  });
});
