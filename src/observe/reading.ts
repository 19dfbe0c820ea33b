/**
 * One look at an object: what it says now that it did not say before. Most looks find nothing, so
 * everything that can be compared by identity is.
 */

import type { KubeObject } from '../api/object.ts';
import type { Change } from '../record/entry.ts';
import { type ObservedKind, phaseClock, type Tell } from './kinds.ts';
import { type SeenObject, setValue, getValue } from './seen-object.ts';
import type { Stamps } from './stamps.ts';
import { NO_TROUBLE, TROUBLE, TROUBLE_MESSAGE, findTrouble } from './trouble.ts';

export interface Reading {
  readonly changes: readonly Change[];
  /** More than one stamped phase was new: updates have been skipped on the way. */
  readonly skipped: boolean;
}

/** A function that looks at objects; it remembers in `seen` what it has told. */
export function createReading(
  stamps: Stamps,
  tellPredicates: (kind: string, object: KubeObject, tell: Tell) => void = () => {},
): (seen: SeenObject, kind: ObservedKind, object: KubeObject) => Reading {
  let subject: SeenObject | undefined;
  let changes: Change[] = [];
  const tell: Tell = (name, value, stamp, clock) => {
    const seconds = stamps.secondsOf(stamp);
    if (subject === undefined || goesWithoutSaying(subject, name, value, seconds)) return;
    if (!setValue(subject, name, value)) return;
    if (seconds === undefined || clock === undefined) changes.push([name, value]);
    else changes.push([name, value, seconds, stamps.clockOf(clock)]);
  };
  return (seen, kind, object) => {
    subject = seen;
    const skipped = tellTransitions(seen, kind, object, tell);
    kind.values(object, tell);
    tellAnnotations(seen, kind, object, tell);
    tellConditions(seen, kind, object, tell);
    tellTrouble(seen, kind, object, tell);
    tellPredicates(kind.resource.kind, object, tell);
    const found = changes;
    if (found.length > 0) changes = [];
    return { changes: found, skipped };
  };
}

/** Objects start as Pending: to be seen is to be that, unless there is a stamp to keep. */
function goesWithoutSaying(
  seen: SeenObject,
  name: string,
  value: string,
  stamp: number | undefined,
): boolean {
  if (name !== 'phase' || value !== 'Pending' || stamp !== undefined) return false;
  return getValue(seen, name) === undefined;
}

function tellTransitions(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): boolean {
  const transitions = kind.transitions?.(object);
  if (transitions === undefined || transitions.length <= seen.stamps) return false;
  const fresh = transitions.length - seen.stamps;
  for (const { phase, phaseTransitionTimestamp } of transitions.slice(seen.stamps)) {
    tell('phase', phase, phaseTransitionTimestamp, phaseClock(phase, object));
  }
  seen.stamps = transitions.length;
  return fresh > 1;
}

function tellAnnotations(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): void {
  const { annotations } = object.metadata;
  if (kind.annotations === undefined || annotations === undefined) return;
  if (annotations === seen.annotations) return;
  seen.annotations = shareable(annotations);
  for (const key in kind.annotations) {
    const value = annotations[key];
    const rule = kind.annotations[key];
    if (value && rule && !rule.except?.has(value)) tell(rule.name, value);
  }
}

/** A condition not true yet is as good as absent: its first word is worth a line only when true. */
function tellConditions(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): void {
  const conditions = kind.conditions(object);
  if (conditions === undefined || conditions === seen.conditions) return;
  seen.conditions = shareable(conditions);
  for (const condition of conditions) {
    const { type, status } = condition;
    if (!matters(kind, type)) continue;
    const known = getValue(seen, type);
    if (known === status) continue;
    if (known === undefined && status !== 'True' && type !== 'PodScheduled') continue;
    const stamp = condition.lastTransitionTime ?? condition.lastProbeTime;
    tell(type, status, stamp, kind.conditionClock(condition, object));
  }
}

/** Its first words only: what the same trouble says later differs in numbers. */
function tellTrouble(
  seen: SeenObject,
  { resource }: ObservedKind,
  object: KubeObject,
  tell: Tell,
): void {
  const trouble = findTrouble(resource.kind, object);
  const known = getValue(seen, TROUBLE);
  if (trouble === undefined) {
    if (known !== undefined) tell(TROUBLE, NO_TROUBLE);
  } else if (trouble.class !== known) {
    tell(TROUBLE, trouble.class);
    if (trouble.message !== '' || known !== undefined) tell(TROUBLE_MESSAGE, trouble.message);
  }
}

function matters({ conditionTypes, ignoredConditions }: ObservedKind, type: string): boolean {
  return (conditionTypes?.has(type) ?? true) && !ignoredConditions?.has(type);
}

/** Frozen parts are shared with their store: keeping them is free, identity means equality. */
function shareable<T extends object>(part: T): T | undefined {
  return Object.isFrozen(part) ? part : undefined;
}
