/** `cleanup`: deletions of clones and of VMs. */

import type { CleanupStep } from '../scenario/scenario.ts';
import { changeLane, uncloneLane } from './lanes.ts';
import type { WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { planWaves } from './wave-plan.ts';
import { armVariant, vmVariant, startWaveStep } from './wave-step.ts';

export function planCleanup(step: CleanupStep, planning: Planning): WaveStep {
  const clones = step.arms.map((arm, variant) => uncloneLane(arm, variant, planning));
  const vms = step.targets.map((target, i) =>
    changeLane('delete', 'subresource', target, step.arms.length + i, planning),
  );
  return {
    ...startWaveStep('cleanup', step.name, step.waves),
    variants: [
      ...step.arms.map(armVariant),
      ...step.targets.map((target) => vmVariant('delete', target, planning)),
    ],
    waves: planWaves([...clones, ...vms], 'sequential', step.waves, planning.nextId),
  };
}
