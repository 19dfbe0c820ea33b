/**
 * All spans of a run's operations. A deadline is that of the goal alone. What lies beyond the goal
 * (the guest, where a step waits for Running) is measured only where some object of the step got
 * there, and all of the step are then watched to the run's end.
 */

import {
  BOOT_LATENCIES,
  FROM_INTENDED_START,
  listLatencies,
  metricFacts,
} from '../catalogue/metric-sets.ts';
import type { Metric, MetricFacts, ObjectSubject } from '../catalogue/metrics.ts';
import { isOfBoot, milestoneFacts } from '../catalogue/milestone-marks.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import { verbFacts } from '../catalogue/verbs.ts';
import type { Sighting } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';
import { otherPath } from './clone-path.ts';
import type { Disk } from './disks.ts';
import { lastStage, objectSighting } from './milestone-sighting.ts';
import { type Dimensions, type Ending, momentAt, observeSpan, type Span } from './span.ts';
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
  const farther = stepsThatWentFarther(run, measured);
  const dimensions = dimensionCache();
  for (const one of measured) {
    yield operationSpans({ run, dimensions, farther, ...one });
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
  readonly farther: FartherSteps;
}

function operationSpans(scope: Scope): readonly Span[] {
  const subjects = listSubjects(scope);
  const spans = [
    sendLag(scope),
    ...acknowledgement(scope, subjects),
    ...subjects.flatMap((one) => subjectSpans(scope, one)),
    ...stageSpans(scope),
  ];
  if (!scope.operation.found) return spans;
  // Of what others do nobody knows when it was meant to start.
  return spans.filter(({ metric }) => !FROM_INTENDED_START.has(metric));
}

/** Of what the operation made, filed as what is measured of it. */
function acknowledgement(
  { run, operation, subjects: { own, step }, dimensions }: Scope,
  subjects: readonly MeasuredSubject[],
): Span[] {
  const { verb, found, sentUs, ack } = operation;
  if (verb !== 'create' || found) return [];
  const isAnswered = ack !== undefined && ack.status < 400;
  // Of an answer that was lost, the object itself tells that it had been let in by then.
  const seen = own === undefined ? undefined : run.objects.seen(own);
  const to = isAnswered ? momentAt(ack.atUs) : seen;
  const main = subjects.find(({ isMain }) => isMain);
  return [
    {
      metric: 'acknowledged',
      dimensions: main?.dimensions ?? dimensions({ step: step.name }),
      operation,
      object: own,
      outcome: observeSpan(momentAt(sentUs), to, getEnding(run, operation, undefined)),
    },
  ];
}

/** An object that the operation is about, and what its values are filed under. */
interface MeasuredSubject {
  readonly subject: ObjectSubject;
  /** Undefined where it never appeared. */
  readonly object: number | undefined;
  readonly dimensions: Dimensions;
  /** The operation is about it in the first place: it responds to the intended start. */
  readonly isMain: boolean;
}

function listSubjects(scope: Scope): readonly MeasuredSubject[] {
  const { operation, subjects } = scope;
  const { own, vmi, step, disks } = subjects;
  const found = disks.map((disk) => diskSubject(scope, disk));
  const add = (subject: ObjectSubject, object: number | undefined) => {
    found.push({ subject, object, dimensions: variantDimensions(scope), isMain: true });
  };
  const { measured } = verbFacts(operation.verb);
  if (operation.verb === 'create' && operation.kind === 'VolumeSnapshot') add('snapshot', own);
  if (measured !== undefined) add(measured.subject, measured.of === 'own' ? own : vmi);
  else if (bootIsAsked(operation.verb, step.until)) add('vmi', vmi);
  return found;
}

/** Created VMs count as booted by the step only where it waits for that. */
export function bootIsAsked(verb: Operation['verb'], until: Milestone): boolean {
  const { measured } = verbFacts(verb);
  return measured === undefined ? isOfBoot(until) : measured.subject === 'vmi';
}

function subjectSpans(scope: Scope, subject: MeasuredSubject): Span[] {
  const spans: Span[] = [];
  for (const metric of listLatencies(subject.subject)) {
    if (!isMeasured(scope, metric)) continue;
    spans.push(latencySpan(scope, metric, subject));
    const { response } = metricFacts(metric);
    if (response === undefined || !subject.isMain) continue;
    spans.push(latencySpan(scope, response, subject));
  }
  return spans;
}

/** What goes on beyond another metric only where it was waited for, or reached by some. */
function isMeasured({ operation, subjects, farther }: Scope, metric: Metric): boolean {
  const { beyond, milestone } = metricFacts(metric);
  if (beyond === undefined || subjects.step.until === milestone) return true;
  return operation.found === undefined && (farther.get(metric)?.has(operation.step) ?? false);
}

type FartherSteps = ReadonlyMap<Metric, ReadonlySet<number>>;

/** By metric that goes on from another: the steps of which some object got there. */
function stepsThatWentFarther(run: Run, measured: readonly Measured[]): FartherSteps {
  const optional = [...BOOT_LATENCIES].flatMap((metric) => {
    const { beyond, milestone } = metricFacts(metric);
    return beyond === undefined || milestone === undefined ? [] : [{ metric, milestone }];
  });
  return new Map(
    optional.map(({ metric, milestone }) => {
      const steps = new Set<number>();
      for (const { operation, subjects } of measured) {
        const { step, verb } = operation;
        if (steps.has(step) || !bootIsAsked(verb, subjects.step.until)) continue;
        if (objectSighting(run.objects, subjects.vmi, milestone)) steps.add(step);
      }
      return [metric, steps];
    }),
  );
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

function diskSubject(scope: Scope, disk: Disk): MeasuredSubject {
  const { subjects } = scope;
  const { image, template } = subjects.variant;
  const other = otherPath(scope.run.objects, disk.object, disk.source);
  const dimensions = scope.dimensions({
    step: subjects.step.name,
    ...(disk.isRoot ? imageOrTemplate(image, template) : {}),
    source: disk.source,
    ...(other === undefined ? {} : { path: other.path }),
  });
  const subject = CLONE_SOURCES.has(disk.source) ? 'clonedVolume' : 'importedVolume';
  return { subject, object: disk.object, dimensions, isMain: disk.isRoot };
}

function variantDimensions({ dimensions, subjects: { step, variant } }: Scope): Dimensions {
  return dimensions({ step: step.name, ...imageOrTemplate(variant.image, variant.template) });
}

const REMOVALS: ReadonlySet<unknown> = new Set(['deletion', 'stages']);

/** Time in each stage that the step names: one span each, begun where the one before ended. */
function stageSpans({ run, operation, subjects, dimensions }: Scope): Span[] {
  const { step, variant } = subjects;
  if (step.stages.length < 2) return [];
  const ending = getEnding(run, operation, undefined);
  const filed = { step: step.name, ...imageOrTemplate(variant.image, variant.template) };
  return step.stages.flatMap((stage, i) => {
    const from = i === 0 ? momentAt(operation.sentUs) : operation.stages[i - 1];
    // Where it never got to a stage there is no time in it.
    if (from === undefined) return [];
    return {
      metric: 'stage',
      dimensions: dimensions({ ...filed, stage }),
      operation,
      object: subjects.own,
      outcome: observeSpan(from, operation.stages[i], ending),
    } as const;
  });
}

function latencySpan(
  { run, operation, subjects }: Scope,
  metric: Metric,
  { object, dimensions }: MeasuredSubject,
): Span {
  const { milestone, from } = metricFacts(metric);
  const to =
    milestone === 'until'
      ? lastStage(subjects.step, operation)
      : milestone && objectSighting(run.objects, object, milestone);
  // That the object is gone may be what is waited for, and is then no end of looking.
  const isRemoval = milestone !== undefined && REMOVALS.has(milestoneFacts(milestone).reached);
  const ending = getEnding(run, operation, isRemoval ? undefined : object);
  const outcome = observeSpan(findStart(run, operation, object, from), to, ending);
  return { metric, dimensions, operation, object, outcome };
}

/**
 * Where the object never appeared, its first sight is taken to be the intended start. One that was
 * seen before it was asked for had been asked for before: the history of that was lost with the
 * disk of a session that was killed, and when it was is known to the gap in which the object came.
 */
function findStart(
  { objects }: Run,
  { sentUs, intendedUs, found }: Operation,
  object: number | undefined,
  from: MetricFacts['from'],
): Sighting {
  if (from === 'sent') return momentAt(sentUs);
  if (object === undefined) return momentAt(intendedUs);
  const { atUs, afterUs } = objects.seen(object);
  const isAskedAnew = afterUs < atUs && atUs <= sentUs;
  if (found !== undefined || isAskedAnew) return { atUs, afterUs };
  if (from === 'intendedStart') return momentAt(intendedUs);
  // What we asked for was not there before we asked: no latency is longer than its response.
  return { atUs, afterUs: Math.min(atUs, Math.max(afterUs, sentUs)) };
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
export function dimensionKey({ step, image, source, template, path, stage }: Dimensions): string {
  return [step, image, source, template, path, stage].join('\u0000');
}
