/** What is to be undone, were the run to end now, and what a run that ended has not undone. */

import type { Action } from '../catalogue/actions.ts';
import type { Plan, PlannedOperation } from '../plan/plan.ts';
import type { Entry } from '../record/entry.ts';
import { knownOperations } from './known-operations.ts';

export type Undoable = PlannedOperation & { readonly undo: Action };

export interface Undos {
  /** It was sent, whether it was answered or not. */
  sent(operation: PlannedOperation): void;
  /** The last first; each object and what is undone of it once. */
  list(): readonly Undoable[];
}

export function createUndos(): Undos {
  const sent = new Map<string, Undoable>();
  return {
    sent(operation) {
      if (!isUndoable(operation)) return;
      const { kind, namespace, name, undo } = operation;
      sent.set(`${kind} ${namespace}/${name} ${JSON.stringify(undo)}`, operation);
    },
    list: () => [...sent.values()].toReversed(),
  };
}

function isUndoable(operation: PlannedOperation): operation is Undoable {
  return operation.undo !== undefined;
}

/** What is said of an object that is as it was. */
export function undoneText({ kind, name }: PlannedOperation): string {
  return `undone: ${kind} ${name}`;
}

/** What is said of one that could not be put back. */
export function leftText({ kind, name }: PlannedOperation, why: string): string {
  return `${kind} ${name} is left as it is, undo it by hand: ${why}`;
}

/**
 * What a run has done and not undone, the last first: it was killed before it could, or could not.
 * At an end of its own it has said which.
 */
export function standingUndos(plan: Plan, entries: Iterable<Entry>): readonly Undoable[] {
  const known = knownOperations(plan);
  const undos = createUndos();
  const said: string[] = [];
  let isEnded = false;
  for (const entry of entries) {
    if (entry.e === 'picked') known.pick(entry);
    else if (entry.e === 'note' && entry.what === 'undo') said.push(entry.message ?? '');
    else if (entry.e === 'end') isEnded = true;
    else if (entry.e === 'anchor') isEnded = false;
    else if (entry.e === 'send') {
      const { operation } = known.of(entry.p) ?? {};
      if (operation !== undefined) undos.sent(operation);
    }
  }
  return undos.list().filter((operation) => {
    const left = leftText(operation, '');
    if (isEnded) return said.some((message) => message.startsWith(left));
    return !said.includes(undoneText(operation));
  });
}
