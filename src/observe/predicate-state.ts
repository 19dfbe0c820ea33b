/** What is true at this moment of the objects that steps watch, and of how many of them. */

import type { StageWait } from './expectation.ts';
import { namespacedName, TRUE } from './step-watch.ts';
import type { SeenObject } from './seen-object.ts';

export function createPredicateState() {
  const objects = new Map<string, SeenObject>();
  const counts = new Map<string, number>();
  const count = (change: string, by: number) => counts.set(change, (counts.get(change) ?? 0) + by);
  const keyOf = ({ kind, namespace, name }: SeenObject) =>
    `${kind} ${namespacedName(namespace, name)}`;
  /** Of each object, which predicates were true last: an object forgets the value before. */
  const truths = new Map<string, Set<string>>();
  return {
    objectAt: (place: string) => objects.get(place),
    /** The object's place; undefined where it is no predicate of a step. */
    note(object: SeenObject, change: string, value: string): string | undefined {
      if (!change.startsWith(PREDICATE_PREFIX)) return undefined;
      const place = keyOf(object);
      objects.set(place, object);
      const truth = truths.get(place) ?? new Set();
      truths.set(place, truth);
      const was = truth.has(change);
      if (value === TRUE && !was) count(change, 1);
      if (value !== TRUE && was) count(change, -1);
      if (value === TRUE) truth.add(change);
      else truth.delete(change);
      return place;
    },
    drop(object: SeenObject): string {
      const place = keyOf(object);
      if (objects.get(place) !== object) return place;
      objects.delete(place);
      for (const change of truths.get(place) ?? []) count(change, -1);
      truths.delete(place);
      return place;
    },
    isTrue({ change, place, isGone, tally }: StageWait): boolean {
      if (tally !== undefined) return (counts.get(change) ?? 0) === tally;
      return isGone ? !objects.has(place) : (truths.get(place)?.has(change) ?? false);
    },
  };
}

/** Names of all changes that are predicates of steps begin with it. */
const PREDICATE_PREFIX = 'until ';
