/** What is measured, of what: the names of metrics, images, arms and stages as people say them. */

import type { ComparisonRecord } from '../../analyse/comparisons.ts';
import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Progress } from '../../analyse/progress.ts';
import type { Dimensions } from '../../analyse/span.ts';
import { metricFacts, metricsWhere } from '../../catalogue/metric-sets.ts';
import { metricText, variantText } from '../../catalogue/names.ts';
import type { StepKind } from '../../catalogue/step-kinds.ts';
import type { BootFact } from '../facts/wave-facts.ts';
import { countText } from './numbers.ts';

/** `waves interleaved`, `one arm after the other`: a ratio of arms belongs to their order. */
export function orderText(order: ComparisonRecord['order']): string {
  return order === 'interleaved' ? 'waves interleaved' : 'one arm after the other';
}

/**
 * `RHEL 9 snapshot clone`, `RHEL 9 guest ready`: as short as keeps records apart. The source is
 * named where there are several, the step where nothing else tells.
 */
export function recordNamer(
  records: readonly MetricRecord[],
  steps: readonly { readonly name: string; readonly kind: StepKind }[],
): (record: MetricRecord) => string {
  const kinds = new Map(steps.map(({ name, kind }) => [name, kind]));
  const what = ({ metric, dimensions }: MetricRecord) => {
    const isDisk = kinds.get(dimensions.step) === 'deploy' && OF_DISKS.has(metric);
    if (metric === 'stage') return `${dimensions.step}: ${dimensions.stage ?? ''}`;
    if (metricFacts(metric)?.milestone === 'until') return dimensions.step;
    return `${isDisk ? 'deploy ' : ''}${metricText(metric)}`;
  };
  const texts = [
    (record: MetricRecord) => {
      const { source: _, stage: __, ...shorter } = record.dimensions;
      const dimensions = shorter.path === undefined ? shorter : withoutStage(record);
      return `${variantText(dimensions)} ${what(record)}`.trim();
    },
    (record: MetricRecord) => `${variantText(withoutStage(record))} ${what(record)}`.trim(),
  ];
  const namings = texts.map((text) => ({ text, counts: countsOf(records.map(text)) }));
  return (record) => {
    for (const { text, counts } of namings) {
      if ((counts.get(text(record)) ?? 0) <= 1) return text(record);
    }
    return `${variantText(withoutStage(record))} ${what(record)}, ${record.dimensions.step}`.trim();
  };
}

/** A stage is told in the name of what is measured. */
function withoutStage({ dimensions }: MetricRecord): Dimensions {
  const { stage: _, ...rest } = dimensions;
  return rest;
}

/** What a deploy measures of the disks that it brings. */
const OF_DISKS = metricsWhere(
  ({ subject }) => subject === 'clonedVolume' || subject === 'importedVolume',
);

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** `guest ready`, `Running`, `provisioned`: where an operation is meant to get to. */
export function goalText({ until, of }: Pick<Progress, 'until' | 'of'>): string {
  if (until === 'guestReady') return 'guest ready';
  if (until === 'reachable') return 'reachable';
  if (until === 'addressed') return 'with an address';
  if (until === 'instanceRunning') return 'Running';
  return of === 'boot' ? 'started' : of === 'deploy' ? 'deployed' : 'done';
}

/** `100 `, `10 to 90 `; empty where no wave tells. */
export function sizeText(size: BootFact['size']): string {
  if (size === undefined) return '';
  const { least, most } = size;
  return `${least === most ? countText(most) : `${countText(least)} to ${countText(most)}`} `;
}

/** What did not get there, and is not known to fail: JSON and CSV say `censored`. */
export const UNFINISHED = 'unfinished';

/** `1 failed, 3 unfinished`; undefined where nothing missed. */
export function missesText(counts: {
  readonly failed: number;
  readonly censored: number;
}): string | undefined {
  const { failed, censored } = counts;
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(censored > 0 ? [`${censored} ${UNFINISHED}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
