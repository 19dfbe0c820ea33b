/** What the article that bench starts from says in three lines, with intervals. */

import type { ComparisonRecord } from '../analyse/comparisons.ts';
import type { MetricRecord } from '../analyse/metric-record.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Estimate } from '../analyse/statistics/estimate.ts';
import type { Summary } from '../analyse/summary.ts';
import { countText, estimateText, intervalText, ratioText } from './number-text.ts';
import { heading, type TextStyle, wrapped } from './text-table.ts';

export function headlineLines(summary: Summary, style: TextStyle): readonly string[] {
  const texts = [
    ...summary.comparisons.filter(({ metric }) => metric === 'clone').map(cloneHeadline(summary)),
    ...summary.metrics.flatMap((record) => bootHeadline(summary, record)),
  ];
  if (texts.length === 0) return [];
  const lines = texts.flatMap((text) => wrapped(`- ${text}`, style.width));
  return [heading('In short', style), ...lines];
}

function cloneHeadline({ metrics }: Summary) {
  return (comparison: ComparisonRecord): string => {
    const { image } = comparison.dimensions;
    const meanOf = (source: string) =>
      estimateText(
        metrics.find(
          ({ metric, dimensions }) =>
            metric === 'clone' &&
            dimensions.step === comparison.dimensions.step &&
            dimensions.image === image &&
            dimensions.source === source &&
            dimensions.path === undefined,
        )?.mean,
      );
    if (comparison.withheld !== undefined) {
      const what = `${image ?? 'disk'}: snapshot clones against PVC clones`;
      return `${what}: not compared: ${comparison.withheld}`;
    }
    const { ratioOfMeans: ratio } = comparison;
    const speed = ratio === undefined ? 'no ratio' : `${ratioText(ratio)} faster`;
    const { baseline, head } = comparison.counts;
    const counts = `${countText(baseline.n)} and ${countText(head.n)} clones`;
    return (
      `${image ?? 'disk'}: snapshot clones against PVC clones: ${speed} on average, ` +
      `${meanOf('snapshot')} s against ${meanOf('pvc')} s (${counts})`
    );
  };
}

/** The record of `waveGuestReady`, or of `waveRunning` where no guest was waited for. */
function bootHeadline(summary: Summary, record: MetricRecord): readonly string[] {
  const { metric, dimensions } = record;
  const running = sibling(summary, record, 'waveRunning');
  const hasGuests = sibling(summary, record, 'waveGuestReady') !== undefined;
  if (metric !== 'waveGuestReady' && (metric !== 'waveRunning' || hasGuests)) return [];
  const { reached, n } = record;
  const size = waveSize(summary, record);
  const time = typical(record);
  const interval = intervalText(time);
  const what = metric === 'waveGuestReady' ? 'guest ready' : 'Running';
  const beside =
    metric === 'waveGuestReady' && running !== undefined
      ? `; VMI Running ${estimateText(typical(running))} s`
      : '';
  const missed = reached < n ? `; ${n - reached} of ${n} waves missed someone` : '';
  return [
    `${size} ${dimensions.image ?? dimensions.template ?? ''} VMs: ${what} after ` +
      `${estimateText(time)} s${interval === '' ? '' : ` (${interval})`}${beside} ` +
      `(longest of a wave, ${reached < n ? 'median' : 'mean'} of ${n} waves${missed})`,
  ];
}

/** The mean; where waves were missed the median, which knows of them. */
function typical({ reached, n, mean, p50 }: MetricRecord): Estimate | undefined {
  return reached < n ? p50 : mean;
}

function sibling(
  { metrics }: Summary,
  { dimensions }: MetricRecord,
  metric: Metric,
): MetricRecord | undefined {
  return metrics.find(
    (other) =>
      other.metric === metric &&
      other.dimensions.step === dimensions.step &&
      other.dimensions.image === dimensions.image &&
      other.dimensions.template === dimensions.template,
  );
}

/** VMs of this kind in a wave, or a range where waves differ. */
function waveSize({ waves }: Summary, { dimensions }: MetricRecord): string {
  const same = waves.filter(
    ({ dimensions: own, warmup }) =>
      !warmup && own.step === dimensions.step && own.image === dimensions.image,
  );
  // Where others' load is observed, waves of clones of the same image are in the same step.
  const boots = same.filter(({ dimensions: own }) => own.source === undefined);
  const sizes = (boots.length > 0 ? boots : same).map(({ n }) => n);
  const least = Math.min(...sizes);
  const most = Math.max(...sizes);
  return least === most ? countText(most) : `${countText(least)} to ${countText(most)}`;
}
