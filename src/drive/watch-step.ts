/**
 * Before the first wave of a step that says itself what it waits for: its kinds are found by
 * discovery, and looked at. A kind may be served only a while after the step before has brought its
 * operator, so what is not served is asked for again.
 */

import {
  type FailCondition,
  type Goal,
  isProbe,
  type KindName,
  predicateName,
} from '../catalogue/tests.ts';
import { SECOND } from '../core/duration.ts';
import { EVENTS, type Resource } from '../api/resources.ts';
import { findKind, knownKind } from '../kube/find-kind.ts';
import { retry } from '../kube/retry.ts';
import { type StepWatch, parseNamespacedName, type Predicate } from '../observe/step-watch.ts';
import type { PlannedOperation, StepAsks, WaveStep } from '../plan/plan.ts';
import type { Driver } from './driver.ts';
import { kindEntry, type Kinds } from './kinds.ts';
import { untilStopped } from './session.ts';
import { resolveSubject } from './subject.ts';

/** A kind that is not served is asked for again so often. */
const KIND_EVERY_US = 2 * SECOND;

/** Resolves once all that the step waits for is looked at, or the run has stopped. */
export async function watchStep(driver: Driver, step: WaveStep): Promise<void> {
  if (step.asks === undefined) return;
  for (const kind of kindsOf(step, step.asks)) await learnKind(driver, step, kind);
  if (driver.stop.signal.aborted) return;
  const watches = listWatches(step, step.asks, driver.kinds);
  await untilStopped(driver, Promise.all(watches.map((watch) => driver.observer.watch(watch))));
}

/** Finds out where objects of the kind live; stops the run where the server never says. */
export async function learnKind(driver: Driver, step: WaveStep, named: KindName): Promise<void> {
  const { kinds, notebook, lab, stop } = driver;
  if (kinds.find(named.kind) !== undefined) return;
  const rng = lab.rng.fork(`kind ${named.kind}`);
  const policy = { clock: lab.clock, rng, timeoutUs: step.timeoutUs, signal: stop.signal };
  const giveUpUs = lab.clock.nowUs() + step.timeoutUs;
  let found = knownKind(named);
  while (found === undefined) {
    // One after the other: each answer decides whether there is a next question.
    found = await retry(policy, () => findKind(driver.client, named));
    if (found !== undefined || stop.signal.aborted) break;
    if (lab.clock.nowUs() >= giveUpUs) return giveUp(driver, step, named);
    await lab.clock.sleep(KIND_EVERY_US, { signal: stop.signal });
  }
  if (found === undefined) return;
  kinds.add(found);
  notebook.write(kindEntry(found, notebook.nowUs()));
}

function giveUp({ stop }: Driver, { name }: WaveStep, { apiVersion, kind }: KindName): void {
  const what = apiVersion === undefined ? kind : `${kind} of ${apiVersion}`;
  const message = `step '${name}': the server serves no ${what}`;
  stop.abort({ miss: 'Aborted', message });
}

function operationsOf({ waves }: WaveStep): readonly PlannedOperation[] {
  return waves.flatMap(({ operations }) => operations);
}

function kindsOf(step: WaveStep, { goals, failConditions }: StepAsks): readonly KindName[] {
  const named: KindName[] = [
    ...operationsOf(step).map(({ apiVersion, kind }) => ({ apiVersion, kind })),
    ...[...goals, ...failConditions].flatMap(({ of }) => of ?? []),
    ...goals.flatMap(({ tally }) => tally ?? []),
    ...(failConditions.some(isEvent) ? [EVENTS] : []).map(({ kind }) => ({ ...OF_CORE, kind })),
  ];
  return [...new Map(named.map((each) => [each.kind, each])).values()];
}

const OF_CORE = { apiVersion: 'v1' };

function isEvent({ test }: FailCondition): boolean {
  return test.is === 'event';
}

/** One a kind that is about single objects, one for each that is counted, one for events. */
function listWatches(
  step: WaveStep,
  { goals, failConditions }: StepAsks,
  kinds: Kinds,
): readonly StepWatch[] {
  const places = new Map<string, Set<string>>();
  const add = ({ kind, place }: ReturnType<typeof resolveSubject>) => {
    const there = places.get(kind) ?? new Set();
    places.set(kind, there.add(place));
  };
  const about = [...goals.filter(({ tally }) => tally === undefined), ...failConditions];
  for (const operation of operationsOf(step)) {
    add(resolveSubject(undefined, operation, kinds));
    for (const { of } of about) if (of !== undefined) add(resolveSubject(of, operation, kinds));
  }
  const own = new Set(operationsOf(step).map(({ kind }) => kind));
  const predicates = (kind: string): readonly Predicate[] =>
    listPredicates(step, { goals, failConditions }, ({ of }) =>
      of === undefined ? own.has(kind) : of.kind === kind,
    );
  const single = [...places].map(([kind, there]) => ({
    resource: kinds.get(kind),
    namespace: commonNamespace(kinds.get(kind), there),
    places: [...there],
    predicates: predicates(kind),
  }));
  const counted = goals.flatMap(({ tally, test }, i) => {
    if (tally === undefined) return [];
    const { kind, namespace, labels } = tally;
    const predicate = {
      change: predicateName(step.index, 'goal', i),
      test,
      isFailure: false,
      labels,
    };
    const resource = kinds.get(kind);
    return [{ resource, namespace, places: undefined, predicates: [predicate] }];
  });
  const watches = [...single, ...counted, ...listEventWatches(step, failConditions, kinds)];
  return watches.map((watch, i) => ({ ...watch, id: step.index * WATCHES_MOST + i }));
}

/** Events stand beside what they are about, or in `default` where that lives in no namespace. */
function listEventWatches(
  step: WaveStep,
  failConditions: readonly FailCondition[],
  kinds: Kinds,
): readonly Omit<StepWatch, 'id'>[] {
  const predicates = failConditions.flatMap((failCondition, i) => {
    if (!isEvent(failCondition)) return [];
    const change = predicateName(step.index, 'failCondition', i);
    return [{ change, test: failCondition.test, isFailure: true }];
  });
  if (predicates.length === 0) return [];
  const about = failConditions.filter(isEvent);
  const namespaces = operationsOf(step).flatMap((operation) =>
    about.map(
      ({ of }) =>
        parseNamespacedName(resolveSubject(of, operation, kinds).place).namespace || 'default',
    ),
  );
  return [...new Set(namespaces)].map((namespace) => {
    return { resource: EVENTS, namespace, places: undefined, predicates };
  });
}

/** A step has fewer. */
const WATCHES_MOST = 100;

function listPredicates(
  { index }: WaveStep,
  { goals, failConditions }: StepAsks,
  isMeant: (about: Goal | FailCondition) => boolean,
): readonly Predicate[] {
  return [
    ...goals.flatMap((goal, i) => {
      // A probe tells of it, not the watch.
      if (goal.tally !== undefined || isProbe(goal.test) || !isMeant(goal)) return [];
      return [{ change: predicateName(index, 'goal', i), test: goal.test, isFailure: false }];
    }),
    ...failConditions.flatMap((failCondition, i) => {
      if (isEvent(failCondition) || !isMeant(failCondition)) return [];
      return [
        {
          change: predicateName(index, 'failCondition', i),
          test: failCondition.test,
          isFailure: true,
        },
      ];
    }),
  ];
}

/** Undefined where they live in several, or in none. */
function commonNamespace(
  { namespaced }: Resource,
  places: ReadonlySet<string>,
): string | undefined {
  const all = new Set([...places].map((place) => place.slice(0, place.indexOf('/'))));
  const [only] = all;
  return namespaced && all.size === 1 ? only : undefined;
}
