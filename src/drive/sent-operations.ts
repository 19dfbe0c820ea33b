/**
 * Which operations of its plan a history has sent: those that the plan names, and those that it
 * came to know by looking for their objects.
 */

import { parseNamespacedName } from '../observe/step-watch.ts';
import type { ObjectPlace, Plan, PlannedOperation, PlannedStep, WaveStep } from '../plan/plan.ts';
import type { PickedEntry } from '../record/any-object-entry.ts';
import type { Entry } from '../record/entry.ts';
import { createUndos } from './undos.ts';

export interface Planned {
  readonly operation: PlannedOperation;
  readonly step: WaveStep;
}

export interface KnownOperations {
  of(id: number): Planned | undefined;
  /** Adds what a step found; its places. */
  pick(entry: PickedEntry): readonly ObjectPlace[];
}

export function knownOperations({ steps }: Plan): KnownOperations {
  const planned = new Map(listOperations(steps));
  return {
    of: (id) => planned.get(id),
    pick({ s, places: found }) {
      const step = steps[s];
      const places = found.map(parseNamespacedName);
      if (step !== undefined && step.kind !== 'pause' && step.select !== undefined) {
        const actual = { ...step, waves: step.select.waves(places) };
        for (const [id, one] of listOperations([actual])) planned.set(id, one);
      }
      return places;
    },
  };
}

function listOperations(steps: readonly PlannedStep[]): readonly (readonly [number, Planned])[] {
  return steps.flatMap((step) => {
    if (step.kind === 'pause') return [];
    return step.waves.flatMap(({ operations }) =>
      operations.map((operation) => [operation.id, { operation, step }] as const),
    );
  });
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
export function standingUndos(plan: Plan, entries: Iterable<Entry>): readonly PlannedOperation[] {
  const known = knownOperations(plan);
  const undos = createUndos();
  const said: string[] = [];
  let isEnded = false;
  for (const entry of entries) {
    if (entry.e === 'picked') known.pick(entry);
    else if (entry.e === 'note') said.push(entry.message ?? '');
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
