/** `deploy`, `boot`, `stop` and `delete`: a lane a template. */

import type { VmStep } from '../scenario/scenario.ts';
import { changeLane, deployLane } from './lanes.ts';
import type { WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { planWaves } from './wave-plan.ts';
import { vmVariant, startWaveStep } from './wave-step.ts';

export function planVms(step: VmStep, planning: Planning): WaveStep {
  const lanes = step.targets.map((target, variant) =>
    step.kind === 'deploy'
      ? deployLane(target, variant, planning)
      : changeLane(step.kind, step.via, target, variant, planning),
  );
  const order = step.mixed ? 'mixed' : 'sequential';
  return {
    ...startWaveStep(step.kind, step.name, step.waves),
    ...(step.churn === undefined ? {} : { churn: step.churn }),
    variants: step.targets.map((target) => vmVariant(step.kind, target, planning)),
    waves: planWaves(lanes, order, step.waves, planning.nextId),
  };
}
