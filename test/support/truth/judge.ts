/** Each recorded span against the truth. */

import type { Metric } from '../../../src/catalogue/metrics.ts';
import type { Span } from '../../../src/analyse/span.ts';
import { measuredOperations, spansByOperation } from '../../../src/analyse/spans.ts';
import type { Observation } from '../../../src/analyse/statistics/observation.ts';
import type { Milestone } from '../../../src/catalogue/milestones.ts';
import type { Operation } from '../../../src/record/run.ts';
import type { TrueObject } from './ground-truth.ts';
import type { Play } from './play.ts';

export interface JudgedSpan {
  readonly metric: Metric;
  readonly outcome: Observation;
  readonly object: TrueObject | undefined;
  readonly operation: Operation;
  /** Tells the waves of all plays apart. */
  readonly wave: string;
  /** What a watcher on a perfect connection would have measured; undefined: it never happened. */
  readonly trueUs: number | undefined;
  /** The stated interval holds the truth; a censored span states (at, infinity). */
  readonly isInside: boolean;
}

export interface Judgement {
  readonly spans: readonly JudgedSpan[];
  /** Planned operations without a span, objects and ends that were there and not recorded. */
  readonly lost: number;
}

export function judge({ plan, run, truth, watchDelayUs, seed }: Play): Judgement {
  const spans: JudgedSpan[] = [];
  const filed = new Set<number>();
  let lost = 0;
  const measured = measuredOperations(run);
  for (const own of spansByOperation(run, measured)) {
    for (const span of own) {
      if (span.metric === 'sendLag' || span.metric === 'acknowledged') continue;
      filed.add(span.operation.id);
      const uid = span.object === undefined ? undefined : run.objects.uidOf(span.object);
      const object = uid === undefined ? undefined : truth.objects.get(uid);
      if (span.object === undefined && unseen(span, truth.named(...formatName(span)))) lost += 1;
      const trueUs = object && trueSpanUs(span, object, watchDelayUs);
      if (isOverlooked(span, trueUs)) lost += 1;
      const { metric, outcome, operation } = span;
      const isInside = holds(outcome, trueUs);
      const wave = `${seed}/${operation.step}/${operation.wave}`;
      spans.push({ metric, outcome, object, operation, wave, trueUs, isInside });
    }
  }
  for (const step of plan.steps) {
    if (step.kind === 'pause') continue;
    for (const { operations } of step.waves) {
      for (const { id } of operations) if (!filed.has(id)) lost += 1;
    }
  }
  return { spans, lost };
}

const ENDS: Readonly<Partial<Record<Metric, Milestone>>> = {
  clone: 'dataVolumeSucceeded',
  import: 'dataVolumeSucceeded',
  snapshotReady: 'snapshotReady',
  vmiRunning: 'instanceRunning',
  guestReady: 'guestReady',
  cloneResponse: 'dataVolumeSucceeded',
  runningResponse: 'instanceRunning',
  guestReadyResponse: 'guestReady',
};

/**
 * Both ends of a span between two sightings pass the same delay; where the first is an act of ours,
 * the delay of a perfect connection belongs to the span.
 */
function trueSpanUs(
  { metric, operation }: Span,
  object: TrueObject,
  watchDelayUs: number,
): number | undefined {
  const milestone = ENDS[metric];
  const endUs = milestone === undefined ? object.deletedUs : object.marks.get(milestone);
  if (endUs === undefined) return undefined;
  if (metric === 'stop' || metric === 'delete') {
    // What somebody else took away before is over at once.
    return Math.max(0, endUs + watchDelayUs - operation.sentUs);
  }
  if (metric.endsWith('Response')) return endUs + watchDelayUs - operation.intendedUs;
  return endUs - object.createdUs;
}

function holds(outcome: Observation, trueUs: number | undefined): boolean {
  switch (outcome.state) {
    case 'reached':
      return trueUs !== undefined && outcome.lo <= trueUs && trueUs <= outcome.hi;
    case 'censored':
      return trueUs === undefined || trueUs >= outcome.at;
    case 'failed':
      return trueUs === undefined;
  }
}

function formatName({ metric, operation }: Span): [kind: string, name: string] {
  const isBoot = metric.startsWith('vmi') || /^(running|guest)/.test(metric) || metric === 'stop';
  return [isBoot ? 'VirtualMachineInstance' : operation.kind, operation.name];
}

/** It was reached, and nothing says that this came too late. */
function isOverlooked({ outcome, operation }: Span, trueUs: number | undefined): boolean {
  return outcome.state === 'censored' && trueUs !== undefined && operation.miss === undefined;
}

/** The object of a create or a start was there all the same. */
function unseen({ operation }: Span, objects: readonly TrueObject[]): boolean {
  if (operation.verb !== 'create' && operation.verb !== 'start') return false;
  return objects.some(({ createdUs }) => createdUs >= operation.sentUs);
}
