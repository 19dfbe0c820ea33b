/**
 * What a step watches beside what every run does: objects of one kind, and the predicates on them
 * that are true or not. Plain data, since it goes to the thread that watches.
 */

import type { Resource } from '../api/resources.ts';
import type { Test } from '../catalogue/tests.ts';

/** Something that may be true of an object; recorded as a change whenever that changes. */
export interface Predicate {
  /** The name of the change. */
  readonly change: string;
  readonly test: Test;
  /** Its value tells what is wrong, in the object's own words, and `none` where nothing is. */
  readonly isFailure: boolean;
  /** A label selector that has to match, too. */
  readonly labels?: string | undefined;
}

export interface StepWatch {
  /** Names the stream: no two of a run share it. */
  readonly id: number;
  readonly resource: Resource;
  /** All namespaces where undefined. */
  readonly namespace: string | undefined;
  /**
   * `namespace/name` of those that matter; where undefined, those of which some predicate is true.
   * No selector of the server would do. It says that an object is gone which only does not match
   * any more.
   */
  readonly places: readonly string[] | undefined;
  readonly predicates: readonly Predicate[];
}

export const TRUE = 'True';
export const FALSE = 'False';
/** The value of a fail condition that has not shown. */
export const NO_FAILURE = 'none';

export function namespacedName(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** Between the object that an event is about, and what it says. */
export const ABOUT = ': ';

/** The place of the object that the predicate of an event is about. */
export function readAbout(value: string): string {
  return value.slice(0, value.indexOf(ABOUT));
}

/** The other way; an empty namespace stands for none. */
export function parseNamespacedName(place: string): {
  readonly namespace: string;
  readonly name: string;
} {
  const end = place.indexOf('/');
  return { namespace: place.slice(0, end), name: place.slice(end + 1) };
}
