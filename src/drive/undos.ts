/** What is to be undone, were the run to end now. */

import type { PlannedOperation } from '../plan/plan.ts';

export interface Undos {
  /** It was sent, whether it was answered or not. */
  sent(operation: PlannedOperation): void;
  /** The last first; each object and what is undone of it once. */
  list(): readonly PlannedOperation[];
}

export function createUndos(): Undos {
  const sent = new Map<string, PlannedOperation>();
  return {
    sent(operation) {
      const { kind, namespace, name, undo } = operation;
      if (undo === undefined) return;
      sent.set(`${kind} ${namespace}/${name} ${JSON.stringify(undo)}`, operation);
    },
    list: () => [...sent.values()].toReversed(),
  };
}
