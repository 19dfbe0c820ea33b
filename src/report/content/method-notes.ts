/** How the numbers came about, for readers who have not read the code. */

import { HEADLINE_METRICS, metricFacts } from '../../catalogue/metric-sets.ts';
import type { Metric } from '../../catalogue/metrics.ts';

export const METHOD_NOTES: readonly string[] = [
  'All times are taken by one monotonic clock: that of the harness, when its watch delivered the ' +
    'change. They contain the delay of the watch and are an upper bound. Stamps of the servers ' +
    'are whole seconds; they serve as a check and are never subtracted from our times.',
  `${[...HEADLINE_METRICS].map(meaningText).join('; ')}. The …Response metrics start at the ` +
    'intended start instead and contain our own queueing, and what a creation stood in admission ' +
    'before its object could be seen; `acknowledged` is that wait alone. These are told where ' +
    'the wait is 5 % of the latency, or the response 5 % more than it.',
  'Nothing is dropped. A span is reached, failed (it never will be), or censored (it was still ' +
    'running when we stopped looking). Percentiles are of all that were requested, read off the ' +
    'Kaplan-Meier curve (Turnbull where watch gaps left intervals, then upper ends), and are ' +
    'observed values. Mean, min and max are of the reached.',
  'Intervals are 95 % intervals. VMs of one wave depend on each other, so whole waves are ' +
    'resampled; with fewer than eight waves no interval is given, and a percentile that the data ' +
    'cannot carry has no upper end.',
  'A wave figure is the longest span of each wave. It grows with the size of the wave, so waves ' +
    'of different sizes are not compared. The slope over waves is that of Theil and Sen. ' +
    'wavePace is seconds per operation between the 10th and the 90th percentile of a wave of at ' +
    'least ten completions: the inverse of the throughput, without the start and the stragglers.',
  'A clone that CDI made another way than its source asks for (via copy: every byte through a ' +
    'pod) is in a row of its own; it is in no figure of its arm, and compared to nothing.',
  'What stood in the way of a miss is what the object itself said when nobody waited any longer. ' +
    'Only an end that leads nowhere else, or a refusal, fails at once; all other trouble may pass.',
  'The speed-up is the ratio of the means, PVC over snapshot: above 1 the snapshot is faster. ' +
    'It belongs to the order of the arms, which is told beside it: where waves are interleaved, ' +
    'each arm runs beside what the other left to be flattened or deleted.',
];

function meaningText(metric: Metric): string {
  return `${metric}: ${metricFacts(metric).meaning}`;
}
