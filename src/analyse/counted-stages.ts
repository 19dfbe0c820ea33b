/**
 * Stages that are over when so many objects are so: when each of these was, and where. The objects
 * are nobody's operations; the run only looked at them.
 */

import { predicateName } from '../catalogue/tests.ts';
import type { Run, RunStep } from '../record/run.ts';

export interface CountedStage {
  readonly step: RunStep;
  /** Its name. */
  readonly stage: string;
  /** In order of time; more than the operations of the step. */
  readonly objects: readonly CountedObject[];
}

export interface CountedObject {
  readonly name: string;
  /** Where it lives; undefined where it says nothing of a node. */
  readonly node: string | undefined;
  /** When it was first seen so, microseconds since the run's start. */
  readonly atUs: number;
}

export function countedStages(run: Run): readonly CountedStage[] {
  return run.steps.flatMap((step) =>
    step.stages.flatMap((stage, i) => {
      const objects = objectsOf(run, predicateName(step.index, 'goal', i));
      // One that is made again under its name is not counted: it is what an operation waits for.
      const names = new Set(objects.map(({ name }) => name));
      return names.size > step.plannedOperations ? [{ step, stage, objects }] : [];
    }),
  );
}

function objectsOf({ objects }: Run, predicate: string): readonly CountedObject[] {
  const found: CountedObject[] = [];
  for (let object = 0; object < objects.size; object++) {
    const sight = objects.first(object, predicate, 'True');
    if (sight === undefined) continue;
    const node = objects.latest(object, 'node');
    found.push({ name: objects.nameOf(object), node, atUs: sight.atUs });
  }
  return found.sort((a, b) => a.atUs - b.atUs);
}
