/**
 * The scenario's limits on what the cluster felt, judged on the run's own figures. Where nobody
 * answered, a limit is on a figure that the run does not have.
 */

import type { FeltRecord } from '../../analyse/felt.ts';
import { judgeLimit } from '../../analyse/statistics/judge-limit.ts';
import type { FeltLimitFact } from '../../record/manifest.ts';
import type { LevelVerdict } from './service-levels.ts';

/** A verdict for each step that a limit holds for; one that holds for none is absent. */
export function judgeFeltLimits(
  felt: readonly FeltRecord[],
  limits: readonly FeltLimitFact[],
): readonly LevelVerdict[] {
  return limits.flatMap((limit): readonly LevelVerdict[] => {
    const { felt: metric, unit, statistic, limit: amount, step } = limit;
    const filed = { metric, unit, statistic, limit: amount };
    // A step that was over before the first scrape has no value, and is not at fault for that.
    const own = felt.filter(
      (record) => record.name === metric && record.n > 0 && (step ?? record.step) === record.step,
    );
    if (own.length === 0) {
      return [{ ...filed, step: step ?? 'any', state: 'absent', judgedOn: 'value' }];
    }
    return own.map((record) => {
      const estimate = { value: record[statistic] ?? Number.NaN };
      return { ...filed, step: record.step, estimate, ...judgeLimit(estimate, amount) };
    });
  });
}
