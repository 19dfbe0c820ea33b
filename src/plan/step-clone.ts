/** `clone`: a lane an arm, one after the other or alternating by waves. */

import type { CloneStep } from '../scenario/scenario.ts';
import { cloneLane } from './lanes.ts';
import type { WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import { planWaves } from './wave-plan.ts';
import { armVariant, startWaveStep } from './wave-step.ts';

export function planClone(step: CloneStep, planning: Planning): WaveStep {
  const lanes = step.arms.map((arm, variant) => cloneLane(arm, variant, planning));
  const order = step.interleaved ? 'interleaved' : 'sequential';
  return {
    ...startWaveStep('clone', step.name, step.waves),
    variants: step.arms.map(armVariant),
    interleaved: step.interleaved,
    cleanup: step.cleanup,
    waves: planWaves(lanes, order, step.waves, planning.nextId),
  };
}
