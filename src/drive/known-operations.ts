/**
 * The operations of a run by their number: those that the plan names, and those that it came to
 * know by looking for their objects.
 */

import { parseNamespacedName } from '../observe/step-watch.ts';
import type { ObjectPlace, Plan, PlannedOperation, PlannedStep, WaveStep } from '../plan/plan.ts';
import type { PickedEntry } from '../record/any-object-entry.ts';

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
