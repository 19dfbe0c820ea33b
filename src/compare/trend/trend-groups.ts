/** The nights of a history by series, each with the trends of its figures. */

import type { DetectorOptions } from '../change-points/detect-change-points.ts';
import { isSameSeries, type Night, type NightEnvironment } from '../history/night.ts';
import { sameKey, type SeriesKey, seriesPoints, type Statistic } from '../history/series.ts';
import { gatedSeries } from '../nightly/gated-series.ts';
import { type Trend, trendOfNights } from './trend.ts';

export interface TrendGroup {
  readonly scenario: string;
  readonly scenarioHash: string;
  readonly target: Night['target'];
  readonly environment: Pick<NightEnvironment, 'name' | 'fingerprint' | 'identity'>;
  readonly nights: number;
  readonly since: string;
  readonly until: string;
  readonly series: readonly (SeriesKey & Trend)[];
}

/** Which figures are asked for; all that are gated where nothing is said. */
export interface TrendFilter {
  readonly scenario?: string | undefined;
  readonly metric?: string | undefined;
  readonly statistic?: Statistic | undefined;
}

/** Groups in order of their first night. */
export function trendGroups(
  nights: readonly Night[],
  filter: TrendFilter,
  options: DetectorOptions,
): readonly TrendGroup[] {
  const wanted = nights.filter(
    ({ scenario }) => filter.scenario === undefined || scenario === filter.scenario,
  );
  const groups: Night[][] = [];
  for (const night of wanted) {
    const group = groups.find(([first]) => first !== undefined && isSameSeries(first, night));
    if (group === undefined) groups.push([night]);
    else group.push(night);
  }
  return groups.map((group) => trendGroup(group, filter, options));
}

function trendGroup(
  nights: readonly Night[],
  filter: TrendFilter,
  options: DetectorOptions,
): TrendGroup {
  const [first] = nights as readonly [Night, ...Night[]];
  const { name, fingerprint, identity } = first.environment;
  const keys = listKeys(nights, filter);
  return {
    scenario: first.scenario,
    scenarioHash: first.scenarioHash,
    target: first.target,
    environment: { name, fingerprint, identity },
    nights: nights.length,
    since: first.started,
    until: (nights.at(-1) ?? first).started,
    series: keys.map((key) => ({
      ...key,
      ...trendOfNights(key, seriesPoints(nights, key), options),
    })),
  };
}

/** The newest night's figures first; then those that older nights had. */
function listKeys(nights: readonly Night[], { metric, statistic }: TrendFilter): SeriesKey[] {
  const keys: SeriesKey[] = [];
  for (const night of nights.toReversed()) {
    for (const key of metric === undefined ? gatedKeys(night) : metricKeys(night, metric)) {
      const asked = statistic === undefined ? key : { ...key, statistic };
      if (!keys.some((known) => sameKey(known, asked))) keys.push(asked);
    }
  }
  return keys;
}

function gatedKeys(night: Night): readonly SeriesKey[] {
  return gatedSeries(night).map(({ key }) => key);
}

function metricKeys(night: Night, metric: string): readonly SeriesKey[] {
  const records = night.metrics.filter(
    (record) => record.metric === metric && record.path === undefined,
  );
  return records.flatMap(({ step, image, source, template, ...record }) => {
    const filing = {
      step,
      ...(image === undefined ? {} : { image }),
      ...(source === undefined ? {} : { source }),
      ...(template === undefined ? {} : { template }),
    };
    return (['p50', 'p95'] as const).map((statistic) => ({
      metric: record.metric,
      statistic,
      ...filing,
    }));
  });
}
