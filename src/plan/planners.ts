/** Who plans a step: one function a kind. */

import type { AskedKind } from '../catalogue/step-kinds.ts';
import type { PauseStep, Step } from '../scenario/scenario.ts';
import type { PlannedStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { planCleanup } from './step-cleanup.ts';
import { planClone } from './step-clone.ts';
import { planAct, planApply } from './step-until.ts';
import { planVms } from './step-vms.ts';

type StepOfKind<Kind, Each = Step> = Each extends { readonly kind: infer Own }
  ? Kind extends Own
    ? Each
    : never
  : never;

type Planner<Kind> = (step: StepOfKind<Kind>, planning: Planning) => PlannedStep;

const PLANNERS: { readonly [Kind in AskedKind]: Planner<Kind> } = {
  clone: planClone,
  deploy: planVms,
  boot: planVms,
  stop: planVms,
  delete: planVms,
  cleanup: planCleanup,
  apply: planApply,
  act: planAct,
  pause: ({ name, durationUs }: PauseStep) => ({ kind: 'pause', index: 0, name, durationUs }),
};

export function planStep(step: Step, planning: Planning): PlannedStep {
  // The kind of the step picks the planner that takes such steps.
  return (PLANNERS[step.kind] as (step: Step, planning: Planning) => PlannedStep)(step, planning);
}
