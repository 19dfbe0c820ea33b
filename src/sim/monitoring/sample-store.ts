/**
 * What was scraped, kept in memory. All series are scraped at the same moments, so a series is a
 * list of values over shared times; a moment at which it was not there is a hole, as Prometheus'
 * stale marker is.
 */

import { type Labels, labelsKey, type MetricFamily } from './family.ts';

export interface StoredSeries {
  readonly name: string;
  /** With the name as `__name__`. */
  readonly labels: Labels;
  /** Without it, as the results of functions and operators are. */
  readonly bare: Labels;
  /** The scrape of its first value. */
  readonly first: number;
  /** From that scrape on; NaN where it was not there. */
  readonly values: readonly number[];
}

export interface SampleStore {
  /** When each scrape was, microseconds since 1970, in order. */
  readonly timesUs: readonly number[];
  readonly series: ReadonlyMap<string, readonly StoredSeries[]>;
  /** Adds a scrape; one that is no later than the last is left out. */
  append(atUs: number, families: readonly MetricFamily[]): void;
}

interface GrowingSeries extends StoredSeries {
  first: number;
  values: number[];
}

/** Keeps that many scrapes at least; up to twice as many, so that forgetting is rare. */
export function createSampleStore(scrapesKept = Number.POSITIVE_INFINITY): SampleStore {
  let timesUs: number[] = [];
  const byKey = new Map<string, GrowingSeries>();
  const byName = new Map<string, GrowingSeries[]>();
  const find = (name: string, labels: Labels) => {
    const key = `${name}${labelsKey(labels)}`;
    const known = byKey.get(key);
    if (known) return known;
    const first = timesUs.length;
    const full = { __name__: name, ...labels };
    const series: GrowingSeries = { name, labels: full, bare: labels, first, values: [] };
    byKey.set(key, series);
    const namesakes = byName.get(name);
    if (namesakes) namesakes.push(series);
    else byName.set(name, [series]);
    return series;
  };
  const forget = () => {
    const dropped = timesUs.length - scrapesKept;
    timesUs = timesUs.slice(dropped);
    for (const series of byKey.values()) {
      series.values = series.values.slice(Math.max(0, dropped - series.first));
      series.first = Math.max(0, series.first - dropped);
    }
  };
  return {
    get timesUs() {
      return timesUs;
    },
    series: byName,
    append(atUs, families) {
      if (atUs <= (timesUs.at(-1) ?? Number.NEGATIVE_INFINITY)) return;
      if (timesUs.length >= 2 * scrapesKept) forget();
      const index = timesUs.length;
      for (const { name, samples } of families) {
        for (const { suffix = '', labels, value } of samples) {
          const series = find(`${name}${suffix}`, labels);
          while (series.first + series.values.length < index) series.values.push(Number.NaN);
          series.values.push(value);
        }
      }
      timesUs.push(atUs);
    },
  };
}

/** The last scrape at or before a time; -1 where there is none. */
export function lastScrape({ timesUs }: SampleStore, atUs: number): number {
  let low = 0;
  let high = timesUs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesUs[middle] as number) <= atUs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The value of a series at a scrape; NaN where it was not there. */
export function valueAt({ first, values }: StoredSeries, scrape: number): number {
  return values[scrape - first] ?? Number.NaN;
}
