/** What all planned steps with waves have in common. */

import { type AskedKind, STEP_KINDS } from '../catalogue/step-kinds.ts';
import type { CloneArm, VmStep, VmTarget, WaveSettings } from '../scenario/scenario.ts';
import type { PlannedVariant, WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';

type WavedKind = Exclude<AskedKind, 'pause'>;

/** The index is given once all steps are known. */
export function startWaveStep(
  kind: WavedKind,
  name: string,
  settings: WaveSettings,
): Omit<WaveStep, 'variants' | 'waves'> {
  return {
    kind: STEP_KINDS[kind].recordedAs,
    index: 0,
    name,
    until: settings.until,
    ...(settings.probe && { probe: settings.probe }),
    timeoutUs: settings.timeoutUs,
    errorBudget: settings.errorBudget,
    waveErrorBudget: settings.waveErrorBudget,
    pacing: settings.pacing,
    inFlightMax: settings.inFlightMax,
    interleaved: false,
    cleanup: false,
  };
}

export function armVariant({ image, source }: CloneArm): PlannedVariant {
  return { image, source };
}

/** The source of a disk's clone says nothing about a boot, so only deploys are filed under it. */
export function vmVariant(
  kind: VmStep['kind'],
  target: VmTarget,
  planning: Planning,
): PlannedVariant {
  const { key, image, source } = planning.template(target.template).template;
  return { image, template: key, ...(kind === 'deploy' && { source }) };
}
