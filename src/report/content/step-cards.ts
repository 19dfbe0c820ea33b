/** The answers of apply and act steps: what the scenario itself asked, so they come first. */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Summary } from '../../analyse/summary.ts';
import { metricFacts } from '../../catalogue/metric-sets.ts';
import type { Card } from '../document/document.ts';
import { missesText } from '../wording/labels.ts';
import { countText, estimateText, partText } from '../wording/numbers.ts';

/** One a step, in the order of the run. */
export function stepCards({ metrics }: Summary): readonly Card[] {
  return metrics
    .filter(({ metric }) => metricFacts(metric)?.milestone === 'until')
    .toSorted((a, b) => a.stepIndex - b.stepIndex)
    .map((record) => stepCard(record, metrics));
}

function stepCard(record: MetricRecord, metrics: readonly MetricRecord[]): Card {
  const { n, reached, mean, max, dimensions, stepIndex } = record;
  const isDone = reached === n;
  const stages = metrics
    .filter((other) => other.metric === 'stage' && other.stepIndex === stepIndex)
    .map(({ dimensions: { stage }, mean: own }) => `${stage ?? ''} ${estimateText(own)}`);
  const missed = missesText(record);
  const parts = [
    ...(mean === undefined ? [] : [`mean ${estimateText(mean)}`]),
    ...(stages.length === 0 ? [] : [`mean in each stage: ${stages.join(', ')}`]),
    ...(missed === undefined ? [] : [`missed: ${missed}`]),
  ];
  const what = n === 1 ? '' : `, slowest of ${countText(reached)}`;
  return {
    label: `${dimensions.step}${what}${isDone ? '' : ` that got there (${partText(reached, n)})`}`,
    value: max === undefined ? 'never' : estimateText(max),
    detail: parts.join('; '),
    tone: isDone ? 'plain' : 'bad',
  };
}
