/** What an operation waits for once it has been sent. */

import type { Expectation } from '../observe/expectation.ts';
import type { PlannedOperation, WaveStep } from '../plan/plan.ts';

export function makeExpectation(operation: PlannedOperation, step: WaveStep): Expectation {
  const { id, kind, namespace, name, disks } = operation;
  const golden = step.kind === 'image';
  return { operation: id, kind, namespace, name, goal: step.until, disks, golden };
}
