/**
 * From a scenario and a run id to everything that will happen. Pure and deterministic: the same
 * scenario and run id give the same plan. Manifests are rendered only when they are asked for, so
 * a plan of 100,000 VMs is a list of small operations.
 */

import { unreachable } from '../core/assert.ts';
import type {
  CleanupStep,
  CloneArm,
  CloneStep,
  Image,
  MachineStep,
  MachineTarget,
  Scenario,
  Step,
  WaveSettings,
} from '../scenario/scenario.ts';
import {
  changeLane,
  cloneLane,
  deployLane,
  importDraft,
  snapshotDraft,
  uncloneLane,
} from './lanes.ts';
import type { Plan, PlannedStep, PlannedVariant, WaveStep } from './plan.ts';
import { type Planning, startPlanning } from './planning.ts';
import { type Draft, planWaves } from './wave-plan.ts';

export interface PlanOptions {
  /** Names the run; must serve as a label value. */
  readonly runId: string;
}

/** The plan of one run of the scenario. */
export function makePlan(scenario: Scenario, { runId }: PlanOptions): Plan {
  const planning = startPlanning(scenario, runId);
  const steps = [
    ...scenario.images.flatMap((image) => planImage(image, planning)),
    ...scenario.steps.map((step) => planStep(step, planning)),
  ];
  return {
    scenario: scenario.name,
    runId,
    namespace: planning.run.namespace,
    labels: planning.run.labels,
    steps: steps.map((step, index) => ({ ...step, index })),
  };
}

function planStep(step: Step, planning: Planning): PlannedStep {
  switch (step.kind) {
    case 'clone':
      return planClone(step, planning);
    case 'deploy':
    case 'boot':
    case 'stop':
    case 'delete':
      return planMachines(step, planning);
    case 'cleanup':
      return planCleanup(step, planning);
    case 'pause':
      return { kind: 'pause', index: 0, name: step.name, durationUs: step.durationUs };
    default:
      return unreachable(step);
  }
}

/** Import, and the snapshot where something clones from it: one operation each. */
function planImage(image: Image, planning: Planning): readonly WaveStep[] {
  const { importUs, snapshotUs } = planning.scenario.timeouts;
  const imported: WaveStep = {
    ...imageStep(image, importDraft(image, planning), planning),
    name: `import ${image.key}`,
    until: 'dataVolumeSucceeded',
    timeoutUs: importUs,
  };
  if (!image.snapshotNeeded) return [imported];
  const snapshot: WaveStep = {
    ...imageStep(image, snapshotDraft(image, planning), planning),
    name: `snapshot ${image.key}`,
    until: 'snapshotReady',
    timeoutUs: snapshotUs,
  };
  return [imported, snapshot];
}

function imageStep(image: Image, draft: Draft, planning: Planning) {
  const operation = { id: planning.nextId(), ...draft, offsetUs: 0 };
  return {
    kind: 'image' as const,
    index: 0,
    variants: [{ image: image.key }],
    // Nothing can go on without its image.
    errorBudget: 0,
    waveErrorBudget: 0,
    pacing: { loop: 'closed' as const, share: 1, pauseUs: 0 },
    inFlightMax: undefined,
    interleaved: false,
    cleanup: false,
    waves: [{ index: 0, warmup: false, operations: [operation] }],
  };
}

function planClone(step: CloneStep, planning: Planning): WaveStep {
  const lanes = step.arms.map((arm, variant) => cloneLane(arm, variant, planning));
  const order = step.interleaved ? 'interleaved' : 'sequential';
  return {
    ...waveStep('clone', step.name, step.waves),
    variants: step.arms.map(armVariant),
    interleaved: step.interleaved,
    cleanup: step.cleanup,
    waves: planWaves(lanes, order, step.waves, planning.nextId),
  };
}

function planMachines(step: MachineStep, planning: Planning): WaveStep {
  const lanes = step.targets.map((target, variant) =>
    step.kind === 'deploy'
      ? deployLane(target, variant, planning)
      : changeLane(step.kind, step.via, target, variant, planning),
  );
  const order = step.mixed ? 'mixed' : 'sequential';
  return {
    ...waveStep(step.kind, step.name, step.waves),
    variants: step.targets.map((target) => machineVariant(step.kind, target, planning)),
    waves: planWaves(lanes, order, step.waves, planning.nextId),
  };
}

function planCleanup(step: CleanupStep, planning: Planning): WaveStep {
  const clones = step.arms.map((arm, variant) => uncloneLane(arm, variant, planning));
  const machines = step.targets.map((target, i) =>
    changeLane('delete', 'subresource', target, step.arms.length + i, planning),
  );
  return {
    ...waveStep('delete', step.name, step.waves),
    variants: [
      ...step.arms.map(armVariant),
      ...step.targets.map((target) => machineVariant('delete', target, planning)),
    ],
    waves: planWaves([...clones, ...machines], 'sequential', step.waves, planning.nextId),
  };
}

function armVariant({ image, source }: CloneArm): PlannedVariant {
  return { image, source };
}

/** The source of a disk's clone says nothing about a boot, so only deploys are filed under it. */
function machineVariant(
  kind: MachineStep['kind'],
  target: MachineTarget,
  planning: Planning,
): PlannedVariant {
  const { key, image, source } = planning.template(target.template).template;
  return { image, template: key, ...(kind === 'deploy' && { source }) };
}

/** What all steps with waves have in common; the index is given once all steps are known. */
function waveStep(
  kind: WaveStep['kind'],
  name: string,
  settings: WaveSettings,
): Omit<WaveStep, 'variants' | 'waves'> {
  return {
    kind,
    index: 0,
    name,
    until: settings.until,
    timeoutUs: settings.timeoutUs,
    errorBudget: settings.errorBudget,
    waveErrorBudget: settings.waveErrorBudget,
    pacing: settings.pacing,
    inFlightMax: settings.inFlightMax,
    interleaved: false,
    cleanup: false,
  };
}
