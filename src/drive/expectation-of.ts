/** What an operation waits for once it has been sent. */

import type { KubeObject } from '../api/object.ts';
import { isProbe, type ProbeTest, predicateName } from '../catalogue/tests.ts';
import type { Expectation, FailureWait, StageWait } from '../observe/expectation.ts';
import { testHolds } from '../observe/predicate.ts';
import type { PlannedOperation, StepAsks, WaveStep } from '../plan/plan.ts';
import type { Kinds } from './kinds.ts';
import { resolveSubject } from './subject.ts';

export function makeExpectation(
  operation: PlannedOperation,
  step: WaveStep,
  kinds: Kinds,
): Expectation {
  const { id, kind, name, disks } = operation;
  const golden = step.kind === 'image';
  const { asks, until: goal, probe } = step;
  const namespace = kinds.find(kind)?.namespaced === false ? undefined : operation.namespace;
  const expectation = { operation: id, kind, namespace, name, goal, disks, golden, probe };
  if (asks === undefined) return expectation;
  return { ...expectation, ...waits(operation, step.index, asks, kinds) };
}

function waits(
  operation: PlannedOperation,
  step: number,
  { goals, failConditions }: StepAsks,
  kinds: Kinds,
): { readonly stages: readonly StageWait[]; readonly failConditions: readonly FailureWait[] } {
  const where = (of: Parameters<typeof resolveSubject>[0]) => {
    const { kind, place } = resolveSubject(of, operation, kinds);
    return `${kind} ${place}`;
  };
  return {
    stages: goals.map(({ name, test, of, tally }, i) => ({
      name,
      change: predicateName(step, 'goal', i),
      place: tally === undefined ? where(of) : '',
      isOwn: of === undefined && tally === undefined,
      isGone: test.is === 'gone',
      tally: tally?.is,
      probe: isProbe(test) ? test : undefined,
    })),
    failConditions: failConditions.map(({ name, of }, i) => ({
      name,
      change: predicateName(step, 'failCondition', i),
      place: where(of),
    })),
  };
}

/**
 * How many of the first stages an answer itself shows: the object as it is after the request, or
 * that it is gone. Undefined where it shows nothing.
 */
export function stagesShown(
  { asks }: WaveStep,
  shown: KubeObject | 'gone' | undefined,
): number | undefined {
  if (asks === undefined || shown === undefined) return undefined;
  const goals = asks.goals.map(({ of, tally, test }) => {
    if (of !== undefined || tally !== undefined) return false;
    if (shown === 'gone' || test.is === 'gone') return shown === 'gone' && test.is === 'gone';
    return testHolds(test)(shown);
  });
  const first = goals.indexOf(false);
  return first < 0 ? goals.length : first;
}

/** What guests are asked, by all that the step waits for. */
export function listProbes({ probe, asks }: WaveStep): readonly ProbeTest[] {
  const tests = asks?.goals.map(({ test }) => test) ?? [];
  return [...(probe === undefined ? [] : [probe]), ...tests.filter(isProbe)];
}
