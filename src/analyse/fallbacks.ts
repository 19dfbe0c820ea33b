/**
 * How many clones of each arm went another way than its source asks for, and what that means for
 * its records. The arm's own record is of the path asked for alone; what fell back has a record
 * beside it, so that requested = reached + failed + censored still holds for the two together.
 */

import { otherPath } from './clone-path.ts';
import type { MetricRecord } from './metric-record.ts';
import { metricFacts, WAVE_METRICS, withSiblings } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Dimensions, Span } from './span.ts';
import { dimensionKey } from './spans.ts';
import type { Run } from '../record/run.ts';

/** The clones of one arm: a step, an image and a source. */
export interface ArmPaths {
  readonly clones: number;
  /** Those that went another way. */
  readonly others: number;
  /** `copy (NoVolumeSnapshotClass)`, the most frequent first. */
  readonly how: string;
}

export interface Fallbacks {
  /** Undefined where all clones of the arm took the path asked for. */
  of(step: number, dimensions: Dimensions): ArmPaths | undefined;
}

export function findFallbacks({ objects }: Run, spans: readonly Span[]): Fallbacks {
  const drafts = new Map<string, { clones: number; readonly hows: Map<string, number> }>();
  for (const { metric, dimensions, object, operation } of spans) {
    if (metric !== 'clone') continue;
    const key = armKey(operation.step, dimensions);
    let draft = drafts.get(key);
    if (draft === undefined) drafts.set(key, (draft = { clones: 0, hows: new Map() }));
    draft.clones += 1;
    const other = otherPath(objects, object, dimensions.source ?? '');
    if (other === undefined) continue;
    const how = `${other.path} (${other.reason ?? 'no reason given'})`;
    draft.hows.set(how, (draft.hows.get(how) ?? 0) + 1);
  }
  const arms = new Map([...drafts].flatMap(([key, draft]) => withOthers(key, draft)));
  return { of: (step, dimensions) => arms.get(armKey(step, dimensions)) };
}

/** The record, with a warning where clones of its arm took another path. */
export function withPathWarning(record: MetricRecord, fallbacks: Fallbacks): MetricRecord {
  const { metric, dimensions, stepIndex, warnings } = record;
  const place = describeOthers(metric);
  const arm = place === undefined ? undefined : fallbacks.of(stepIndex, dimensions);
  if (place === undefined || arm === undefined) return record;
  const text =
    dimensions.path === undefined
      ? `${othersText(arm)}: ${place}`
      : `not the path that was asked for: ${arm.how}`;
  return { ...record, warnings: [...warnings, text] };
}

/** `3 of 50 clones took another path than was asked for, copy (NoVolumeSnapshotClass)`. */
export function othersText({ clones, others, how }: ArmPaths): string {
  const many = others === clones ? `all ${clones}` : `${others} of ${clones}`;
  return `${many} clones took another path than was asked for, ${how}`;
}

const APART = 'they have a record of their own and are not in this one';

const CLONE_METRICS: ReadonlySet<Metric> = new Set(withSiblings('clone'));

/** What became of the others, by the metric of the arm's record; undefined where it has none. */
function describeOthers(metric: Metric): string | undefined {
  if (CLONE_METRICS.has(metric)) return APART;
  const isOfWholeWaves = WAVE_METRICS.has(metric) && metricFacts(metric).milestone === undefined;
  return isOfWholeWaves ? 'this figure includes them' : undefined;
}

function armKey(step: number, dimensions: Dimensions): string {
  const { path: _, ...asked } = dimensions;
  return `${step}/${dimensionKey(asked)}`;
}

function withOthers(
  key: string,
  { clones, hows }: { readonly clones: number; readonly hows: ReadonlyMap<string, number> },
): [string, ArmPaths][] {
  if (hows.size === 0) return [];
  const ordered = [...hows].sort(([, a], [, b]) => b - a);
  const others = ordered.reduce((sum, [, count]) => sum + count, 0);
  return [[key, { clones, others, how: ordered.map(([how]) => how).join(', ') }]];
}
