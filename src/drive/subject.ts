/** Which object a goal or a fail condition of a step is about, on behalf of one operation. */

import type { OtherObject } from '../catalogue/tests.ts';
import { namespacedName } from '../observe/step-watch.ts';
import type { PlannedOperation } from '../plan/plan.ts';
import { fillPlaceholders } from '../plan/step-until.ts';
import type { Kinds } from './kinds.ts';

/** The object that a goal or a fail condition is about. */
export function resolveSubject(
  of: OtherObject | undefined,
  operation: PlannedOperation,
  kinds: Kinds,
): { readonly kind: string; readonly place: string } {
  const { kind } = of ?? operation;
  const name = of === undefined ? operation.name : fillPlaceholders(of.name, operation);
  const namespace = of?.namespace ?? operation.namespace;
  return { kind, place: namespacedName(kinds.get(kind).namespaced ? namespace : undefined, name) };
}
