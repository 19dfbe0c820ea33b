/** What `--until` says, and the range that it searches. */

import type { AskedLevel } from '../compare/level-answer.ts';
import type { SearchRange } from '../compare/level-search.ts';
import { STUDY_STATISTICS, type StudyStatistic } from '../compare/study-point.ts';
import { SERVICE_LEVEL_METRICS } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { parseDuration, toSeconds } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { suggest } from '../scenario/suggest.ts';

/** `guestReady.p95<=60s`. Throws UsageError. */
export function parseLevel(text: string): AskedLevel {
  const found = /^\s*(\w+)\.(\w+)\s*<=\s*(\S+)\s*$/.exec(text);
  const refuse = (what: string) => new UsageError(`until ${text}: ${what}`);
  if (found === null) throw refuse("write for example 'guestReady.p95<=60s'");
  const [, metric = '', statistic = '', limit = ''] = found;
  const limitUs = parseDuration(limit);
  if (!isMetric(metric)) {
    const remedy = suggest(metric, [...SERVICE_LEVEL_METRICS], 'metric');
    throw refuse(`unknown metric ${metric}; ${remedy}`);
  }
  if (!isStatistic(statistic)) {
    throw refuse(`unknown statistic ${statistic}; known: ${STUDY_STATISTICS.join(', ')}`);
  }
  if (limitUs === undefined) throw refuse(`${limit} is no duration such as 60s or 5m`);
  return { metric, statistic, limitSeconds: toSeconds(limitUs) };
}

function isMetric(text: string): text is Metric {
  return (SERVICE_LEVEL_METRICS as ReadonlySet<string>).has(text);
}

function isStatistic(text: string): text is StudyStatistic {
  return (STUDY_STATISTICS as readonly string[]).includes(text);
}

export interface AskedRange extends SearchRange {
  readonly path: string;
  /** Behind each number: `s`, `Gi`. */
  readonly unit: string;
}

/** `path=10..400` or `path=1s..60s`, one of them. Throws UsageError. */
export function parseRange(texts: readonly string[]): AskedRange {
  const [text = '', ...rest] = texts;
  if (rest.length > 0) throw new UsageError('--until varies one field: give one --vary');
  const [path = '', ...values] = text.split('=');
  const range = path.trim() === '' ? undefined : rangeOf(path.trim(), values.join('='));
  if (range !== undefined) return range;
  throw new UsageError(`--vary ${text}: with --until say path=LEAST..GREATEST, whole numbers`);
}

/** `10..400`, `1s..60s`; undefined where the text is no range. */
export function rangeOf(path: string, text: string): AskedRange | undefined {
  const found = /^(\d+)([A-Za-z%]*)\.\.(\d+)([A-Za-z%]*)$/.exec(text.trim());
  const [, lo, unit = '', hi, unitHi] = found ?? [];
  const range = { path, unit, lo: Number(lo), hi: Number(hi) };
  return found !== null && unit === unitHi && range.lo < range.hi ? range : undefined;
}
