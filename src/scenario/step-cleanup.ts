/** `cleanup`: what an earlier step created, and no step has deleted since, is deleted. */

import { z } from 'zod';
import type { Inventory } from './inventory.ts';
import type { CleanupStep, CloneArm, VmTarget, Step } from './scenario.ts';
import { budgets, name, wave } from './step-fields.ts';
import {
  CREATES_NOTHING,
  defineStep,
  settleWaves,
  type StepPlace,
  type StepState,
} from './step-kind.ts';
import { checkKnown } from './suggest.ts';

const schema = z.strictObject({
  name: name.optional(),
  step: z.string().describe('Name of the clone or deploy step whose objects are deleted.'),
  wave: wave('cleanup').prefault({}),
  ...budgets,
});

export const cleanup = defineStep({
  schema,
  name: (document) => `cleanup ${document.step}`,
  resolve,
  ...CREATES_NOTHING,
});

function resolve(
  document: z.output<typeof schema>,
  { name: called, path }: StepPlace,
  state: StepState,
): CleanupStep {
  const at = [...path, 'step'];
  const candidates = state.done.filter((step) => step.kind === 'clone' || step.kind === 'deploy');
  const names = candidates.map((candidate) => candidate.name);
  checkKnown(document.step, names, 'clone or deploy step', at, state.report);
  const step = candidates.find((candidate) => candidate.name === document.step);
  const cleaned = cleanedBefore(document.step, step, state.done);
  if (cleaned !== undefined) {
    state.report(at, `its objects are deleted ${cleaned}`, 'remove this step');
  }
  const arms: readonly CloneArm[] = step?.kind === 'clone' ? step.arms : [];
  const targets = step?.kind === 'deploy' ? remaining(step.targets, state.inventory) : [];
  for (const { template, indices } of targets) state.inventory.move(template, indices, 'deleted');
  const counts = [...arms.map((arm) => arm.count), ...targets.map((t) => t.indices.length)];
  const waves = settleWaves('cleanup', document, Math.max(0, ...counts), path, state);
  return { kind: 'cleanup', name: called, arms, targets, waves };
}

function cleanedBefore(
  called: string,
  step: Step | undefined,
  done: readonly Step[],
): string | undefined {
  if (step?.kind === 'clone' && step.cleanup) return 'at its own end (cleanup: true)';
  const objects = step?.kind === 'clone' ? step.arms : undefined;
  const twice = done.some((other) => other.kind === 'cleanup' && other.arms === objects);
  return twice ? `by an earlier cleanup of ${JSON.stringify(called)}` : undefined;
}

function remaining(targets: readonly VmTarget[], inventory: Inventory): readonly VmTarget[] {
  return targets.map(({ template, indices }) => {
    const there = new Set(inventory.inState(template, ['stopped', 'started']));
    return { template, indices: indices.filter((index) => there.has(index)) };
  });
}
