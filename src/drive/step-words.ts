/** What the words of a step are called in the history, and which object each is about. */

import type { OtherObject } from '../catalogue/tests.ts';
import { placeOf } from '../observe/look.ts';
import type { PlannedOperation } from '../plan/plan.ts';
import { nameOf } from '../plan/step-until.ts';
import type { Kinds } from './kinds.ts';

/** The object that a goal or a fail condition is about. */
export function subjectOf(
  of: OtherObject | undefined,
  operation: PlannedOperation,
  kinds: Kinds,
): { readonly kind: string; readonly place: string } {
  const { kind } = of ?? operation;
  const name = of === undefined ? operation.name : nameOf(of.name, operation);
  const namespace = of?.namespace ?? operation.namespace;
  return { kind, place: placeOf(kinds.get(kind).namespaced ? namespace : undefined, name) };
}
