/**
 * All spans of a run's operations. What a reader would get wrong: a deadline is that of the goal
 * alone. What lies beyond the goal (the guest, where a step waits for Running) is measured only
 * where some object of the step got there, and all of the step are then watched to the run's end.
 */

import type { MilestoneName } from '../record/entry.ts';
import type { Sighting } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';
import { otherPath } from './clone-path.ts';
import type { Disk } from './disks.ts';
import { markSighting } from './milestone-sighting.ts';
import { type Dimensions, type Ending, momentAt, observeSpan } from './span.ts';
import type { Metric, Span } from './span.ts';
import { type Subjects, subjectFinder } from './subjects.ts';

export interface Measured {
  readonly operation: Operation;
  readonly subjects: Subjects;
}

/** Operations with their subjects, in order of sending. */
export function measuredOperations(run: Run): readonly Measured[] {
  const find = subjectFinder(run);
  return run.operations.flatMap((operation) => {
    const subjects = find(operation);
    return subjects === undefined ? [] : [{ operation, subjects }];
  });
}

/** All spans, in order of sending. */
export function makeSpans(run: Run, measured: readonly Measured[]): readonly Span[] {
  const spans: Span[] = [];
  for (const own of spansByOperation(run, measured)) for (const span of own) spans.push(span);
  return spans;
}

/** The spans of each operation, in order of sending. */
export function* spansByOperation(
  run: Run,
  measured: readonly Measured[],
): Generator<readonly Span[]> {
  const guestSteps = stepsWithGuests(run, measured);
  const dimensions = dimensionCache();
  for (const one of measured) {
    yield operationSpans({ run, dimensions, ...one }, guestSteps.has(one.operation.step));
  }
}

/** Until when the object was looked at for the operation: its miss, its own end, or the run's. */
export function getEnding(run: Run, { miss }: Operation, object: number | undefined): Ending {
  const untilUs = miss?.atUs ?? run.lastUs;
  const how = miss?.how ?? 'censored';
  if (object === undefined) return { how, atUs: untilUs, knownUs: untilUs };
  const hasFailed = run.objects.first(object, 'phase', 'Failed') !== undefined;
  const gone = run.objects.deleted(object);
  return {
    how: miss?.how ?? (hasFailed ? 'failed' : 'censored'),
    atUs: untilUs,
    // What was seen of an object was so before it was gone, however late both were seen.
    knownUs: Math.min(untilUs, gone?.afterUs ?? untilUs),
  };
}

interface Scope extends Measured {
  readonly run: Run;
  readonly dimensions: DimensionCache;
}

/** Of what others do nobody knows when it was meant to start. */
const FROM_INTENT: ReadonlySet<Metric> = new Set<Metric>([
  'sendLag',
  'cloneResponse',
  'runningResponse',
  'guestReadyResponse',
]);

function operationSpans(scope: Scope, guestIsWatched: boolean): readonly Span[] {
  const spans = intendedSpans(scope, guestIsWatched && !scope.operation.found);
  return scope.operation.found ? spans.filter(({ metric }) => !FROM_INTENT.has(metric)) : spans;
}

function intendedSpans(scope: Scope, guestIsWatched: boolean): Span[] {
  const spans = [sendLag(scope)];
  const { verb, kind } = scope.operation;
  const { until } = scope.subjects.step;
  for (const disk of scope.subjects.disks) spans.push(...diskSpans(scope, disk));
  if (verb === 'create' && kind === 'VolumeSnapshot') spans.push(snapshotSpan(scope));
  if (bootIsAsked(verb, until)) {
    spans.push(...instanceSpans(scope, 'instanceRunning', 'vmiRunning', 'runningResponse'));
    if (until === 'guestReady' || guestIsWatched) {
      spans.push(...instanceSpans(scope, 'guestReady', 'guestReady', 'guestReadyResponse'));
    }
  }
  if (verb === 'stop') spans.push(removalSpan(scope, 'stop', scope.subjects.instance));
  if (verb === 'delete') spans.push(removalSpan(scope, 'delete', scope.subjects.own));
  return spans;
}

/** Created VMs count as booted by the step only where it waits for that. */
function bootIsAsked(verb: Operation['verb'], until: MilestoneName): boolean {
  return verb === 'start' || (verb === 'create' && isBootGoal(until));
}

function isBootGoal(until: MilestoneName): boolean {
  return until === 'instanceRunning' || until === 'guestReady';
}

function stepsWithGuests(run: Run, measured: readonly Measured[]): ReadonlySet<number> {
  const steps = new Set<number>();
  for (const { operation, subjects } of measured) {
    if (steps.has(operation.step) || !bootIsAsked(operation.verb, subjects.step.until)) continue;
    if (markSighting(run.objects, subjects.instance, 'guestReady')) steps.add(operation.step);
  }
  return steps;
}

function sendLag({ operation, subjects, dimensions }: Scope): Span {
  const lagUs = Math.max(0, operation.sentUs - operation.intendedUs);
  return {
    metric: 'sendLag',
    dimensions: dimensions({ step: subjects.step.name }),
    operation,
    object: undefined,
    outcome: { state: 'reached', lo: lagUs, hi: lagUs },
  };
}

/** A DataSource of which nobody could say what it stands for is one of the two before it. */
const CLONE_SOURCES: ReadonlySet<string> = new Set(['pvc', 'snapshot', 'sourceRef']);

function diskSpans(scope: Scope, disk: Disk): Span[] {
  const { operation, subjects } = scope;
  const { image, template } = subjects.variant;
  const isClone = CLONE_SOURCES.has(disk.source);
  const to = markSighting(scope.run.objects, disk.object, 'dataVolumeSucceeded');
  const other = otherPath(scope.run.objects, disk.object, disk.source);
  const dimensions = scope.dimensions({
    step: subjects.step.name,
    ...(disk.isRoot ? imageOrTemplate(image, template) : {}),
    source: disk.source,
    ...(other === undefined ? {} : { path: other.path }),
  });
  const service = objectSpan(scope, isClone ? 'clone' : 'import', disk.object, to, dimensions);
  if (!isClone || !disk.isRoot) return [service];
  const from = momentAt(operation.intendedUs);
  return [service, span(scope, 'cloneResponse', disk.object, from, to, dimensions)];
}

function snapshotSpan(scope: Scope): Span {
  const { own, variant, step } = scope.subjects;
  const dimensions = { step: step.name, ...imageOrTemplate(variant.image, variant.template) };
  const to = markSighting(scope.run.objects, own, 'snapshotReady');
  return objectSpan(scope, 'snapshotReady', own, to, scope.dimensions(dimensions));
}

function instanceSpans(
  scope: Scope,
  milestone: MilestoneName,
  service: Metric,
  response: Metric,
): Span[] {
  const { instance, variant, step } = scope.subjects;
  const names = { step: step.name, ...imageOrTemplate(variant.image, variant.template) };
  const dimensions = scope.dimensions(names);
  const to = markSighting(scope.run.objects, instance, milestone);
  const from = momentAt(scope.operation.intendedUs);
  return [
    objectSpan(scope, service, instance, to, dimensions),
    span(scope, response, instance, from, to, dimensions),
  ];
}

function removalSpan(scope: Scope, metric: Metric, object: number | undefined): Span {
  const { operation, subjects, run } = scope;
  const { variant, step } = subjects;
  const names = { step: step.name, ...imageOrTemplate(variant.image, variant.template) };
  const to = object === undefined ? undefined : run.objects.deleted(object);
  const outcome = observeSpan(momentAt(operation.sentUs), to, getEnding(run, operation, undefined));
  return { metric, dimensions: scope.dimensions(names), operation, object, outcome };
}

/** From the object's first sight; where it never appeared, from its intended start. */
function objectSpan(
  scope: Scope,
  metric: Metric,
  object: number | undefined,
  to: Sighting | undefined,
  dimensions: Dimensions,
): Span {
  const { run, operation } = scope;
  const from = object === undefined ? momentAt(operation.intendedUs) : run.objects.seen(object);
  return span(scope, metric, object, from, to, dimensions);
}

function span(
  { run, operation }: Scope,
  metric: Metric,
  object: number | undefined,
  from: Sighting,
  to: Sighting | undefined,
  dimensions: Dimensions,
): Span {
  const outcome = observeSpan(from, to, getEnding(run, operation, object));
  return { metric, dimensions, operation, object, outcome };
}

/** A root disk that comes from no image of the scenario is told apart by its template. */
function imageOrTemplate(image: string | undefined, template: string | undefined) {
  if (image !== undefined) return { image };
  return template === undefined ? {} : { template };
}

type DimensionCache = (dimensions: Dimensions) => Dimensions;

/** One shared value for equal dimensions: a run of 100,000 VMs has a million spans. */
function dimensionCache(): DimensionCache {
  const known = new Map<string, Dimensions>();
  return (dimensions) => {
    const key = dimensionKey(dimensions);
    const found = known.get(key) ?? dimensions;
    known.set(key, found);
    return found;
  };
}

/** Equal for equal dimensions. */
export function dimensionKey({ step, image, source, template, path }: Dimensions): string {
  return [step, image, source, template, path].join('\u0000');
}
