/** Limits on what the cluster felt: on questions that the scenario asks, in their own units. */

import type { MetricUnit } from '../catalogue/metric-profiles.ts';
import { parseBytes } from '../core/bytes.ts';
import { parseDuration, toSeconds } from '../core/duration.ts';
import type { Report } from './problem.ts';
import type { FeltLimit, MetricsAsked, Step } from './scenario.ts';
import type { FeltLevelDocument, ServiceLevelDocument } from './schema.ts';
import { checkKnown } from './suggest.ts';

export function resolveFeltLimits(
  slo: readonly (ServiceLevelDocument | FeltLevelDocument)[],
  metrics: MetricsAsked | undefined,
  steps: readonly Step[],
  report: Report,
): readonly FeltLimit[] {
  const queries = metrics?.queries ?? [];
  return slo.flatMap((level, i) => {
    if (!('felt' in level)) return [];
    const { felt, step, statistic, max } = level;
    if (metrics === undefined) {
      report(['slo', i, 'felt'], 'is a limit on a question that nobody asks', 'give metrics: too');
      return [];
    }
    const names = queries.map(({ name }) => name);
    if (!checkKnown(felt, names, 'question', ['slo', i, 'felt'], report)) return [];
    const known = steps.map(({ name }) => name);
    if (step !== undefined) checkKnown(step, known, 'step', ['slo', i, 'step'], report);
    const unit = queries.find(({ name }) => name === felt)?.unit ?? 'count';
    const limit = readAmount(max, unit);
    if (limit === undefined) {
      report(['slo', i, 'max'], `${JSON.stringify(max)} is no limit in ${unit}`, REMEDIES[unit]);
      return [];
    }
    return [{ felt, unit, step, statistic, limit }];
  });
}

const NUMBER = 'give a number';
const REMEDIES: Readonly<Record<MetricUnit, string>> = {
  seconds: 'give a duration like 500ms, or a number of seconds',
  bytes: 'give a size like 200Gi, or a number of bytes',
  cores: NUMBER,
  ratio: 'give a number: 0.8 is 80 %',
  perSecond: NUMBER,
  count: NUMBER,
};

function readAmount(max: number | string, unit: MetricUnit): number | undefined {
  if (typeof max === 'number') return max;
  if (unit === 'bytes') return parseBytes(max);
  const us = unit === 'seconds' ? parseDuration(max) : undefined;
  return us === undefined ? undefined : toSeconds(us);
}
