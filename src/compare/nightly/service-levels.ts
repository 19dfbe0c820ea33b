/**
 * The scenario's own limits, judged on the bounds of tonight's interval. A limit on a figure that
 * the run does not have is no pass.
 */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { ServiceLevelFact } from '../../record/manifest.ts';
import {
  judgeLimit,
  type LimitVerdict,
  OF_THE_REACHED,
} from '../../analyse/statistics/judge-limit.ts';
import type { Filing, Night, NightMetric } from '../history/night.ts';

type LevelState = LimitVerdict['state'] | 'absent';

export interface LevelVerdict extends Filing {
  readonly state: LevelState;
  readonly metric: string;
  readonly statistic: ServiceLevelFact['statistic'];
  /** Of a latency. */
  readonly limitSeconds?: number;
  /** Of what the cluster felt, in the unit beside it. */
  readonly limit?: number;
  readonly unit?: string;
  /** Absent where the run does not have the figure. */
  readonly estimate?: Estimate;
  readonly judgedOn: LimitVerdict['judgedOn'];
}

/** A verdict for each figure that a limit holds for; one that holds for none is absent. */
export function judgeServiceLevels(
  night: Pick<Night, 'metrics'>,
  levels: readonly ServiceLevelFact[],
): readonly LevelVerdict[] {
  return levels.flatMap((level) => {
    const records = night.metrics.filter((record) => holdsFor(level, record));
    if (records.length === 0) return [absent(level)];
    return records.map((record) => verdictOn(level, record));
  });
}

function holdsFor(level: ServiceLevelFact, record: NightMetric): boolean {
  return (
    record.metric === level.metric &&
    record.path === undefined &&
    (level.step === undefined || record.step === level.step) &&
    (level.image === undefined || record.image === level.image) &&
    (level.source === undefined || record.source === level.source)
  );
}

function absent(level: ServiceLevelFact): LevelVerdict {
  const { metric, statistic, limitSeconds, step, image, source } = level;
  return {
    state: 'absent',
    metric,
    statistic,
    limitSeconds,
    step: step ?? 'any',
    image,
    source,
    judgedOn: 'value',
  };
}

function verdictOn(level: ServiceLevelFact, record: NightMetric): LevelVerdict {
  const { metric, step, image, source, template } = record;
  const { statistic, limitSeconds } = level;
  const filed = { metric, step, image, source, template, statistic, limitSeconds };
  const estimate = record[statistic];
  if (estimate === undefined) return { ...filed, state: 'absent', judgedOn: 'value' };
  const judged = judgeLimit(estimate, limitSeconds);
  const isOptimistic = OF_THE_REACHED.has(statistic) && record.reached < record.n;
  if (judged.state === 'kept' && isOptimistic) return { ...filed, estimate, ...STRADDLING };
  return { ...filed, estimate, ...judged };
}

const STRADDLING = { state: 'straddling', judgedOn: 'value' } as const;
