/** Which operations make objects, and which take them away. */

import { actionFacts } from '../catalogue/actions.ts';
import type { PlannedOperation } from './plan.ts';

/** Its answer tells the UID of what it made. */
export function isCreation({ verb }: PlannedOperation): boolean {
  return verb === 'create' || verb === 'apply';
}

/** What it is on is then no more the run's to take away. */
export function removes({ verb, action }: PlannedOperation): boolean {
  return verb === 'delete' || (action !== undefined && actionFacts(action).removes);
}
