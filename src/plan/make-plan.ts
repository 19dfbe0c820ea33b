/**
 * From a scenario and a run id to everything that will happen. Pure and deterministic: the same
 * scenario and run id give the same plan. Manifests are rendered only when they are asked for, so
 * a plan of 100,000 VMs is a list of small operations.
 */

import { invariant, present, unreachable } from '../core/assert.ts';
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
import { cloneName } from '../scenario/object-names.ts';
import type { Template } from '../scenario/template.ts';
import {
  cloneManifests,
  imageSnapshot,
  imageVolume,
  type MachineManifests,
  machineManifests,
  type RunContext,
} from './manifests.ts';
import type { Plan, PlannedGoal, PlannedStep, PlannedVariant, WaveStep } from './plan.ts';
import { type Draft, type NextId, type Order, planWaves } from './wave-plan.ts';

/** Every object of a run carries this label with the run's id as its value. */
export const RUN_LABEL = 'bench.kubevirt.io/run';

export interface PlanOptions {
  /** Names the run; must serve as a label value. */
  readonly runId: string;
}

/** The plan of one run of the scenario. */
export function makePlan(scenario: Scenario, options: PlanOptions): Plan {
  const { runId } = options;
  invariant(LABEL_VALUE.test(runId), `run id ${JSON.stringify(runId)} is no label value`);
  const run: RunContext = {
    runId,
    namespace: scenario.namespace ?? namespaceOf(runId),
    labels: { [RUN_LABEL]: runId },
    storage: scenario.storage,
  };
  const planning = startPlanning(scenario, run);
  const steps = [
    ...scenario.images.flatMap((image) => imageSteps(image, planning)),
    ...scenario.steps.map((step) => planStep(step, planning)),
  ];
  return {
    scenario: scenario.name,
    runId,
    namespace: run.namespace,
    labels: run.labels,
    steps: steps.map((step, index) => ({ ...step, index })),
  };
}

/** The namespace of a run that its scenario gives none: `bench-` and the id as a DNS-1123 label. */
export function namespaceOf(runId: string): string {
  const safe = runId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `bench-${safe}`.slice(0, 63).replace(/-+$/, '');
}

const LABEL_VALUE = /^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

interface Planning {
  readonly scenario: Scenario;
  readonly run: RunContext;
  readonly nextId: NextId;
  image(key: string): Image;
  template(key: string): { readonly template: Template; readonly manifests: MachineManifests };
}

function startPlanning(scenario: Scenario, run: RunContext): Planning {
  let id = 0;
  const images = new Map(scenario.images.map((image) => [image.key, image]));
  const templates = new Map(
    scenario.templates.map((template) => [
      template.key,
      { template, manifests: machineManifests(template, run) },
    ]),
  );
  return {
    scenario,
    run,
    nextId: () => id++,
    image: (key) => present(images.get(key), `image ${key}`),
    template: (key) => present(templates.get(key), `template ${key}`),
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
function imageSteps(image: Image, planning: Planning): readonly PlannedStep[] {
  const { run, scenario } = planning;
  const namespace = image.namespace ?? run.namespace;
  const imported = image.origin.kind === 'http' || image.origin.kind === 'registry';
  const volume: Draft = {
    ...created('DataVolume', namespace, image.name, image.size.bytes),
    manifest: () => imageVolume(image, run),
  };
  const snapshot: Draft = {
    ...created('VolumeSnapshot', namespace, image.snapshotName, 0),
    manifest: () => imageSnapshot(image, run),
  };
  const { importUs, snapshotUs } = scenario.timeouts;
  // An import's Bound comes after its Succeeded, a clone's before: each waits for the later one.
  const until = imported ? 'claimBound' : 'dataVolumeSucceeded';
  const steps = [imageStep(`import ${image.key}`, image, volume, until, importUs, planning)];
  if (!image.snapshotNeeded) return steps;
  const name = `snapshot ${image.key}`;
  return [...steps, imageStep(name, image, snapshot, 'snapshotReady', snapshotUs, planning)];
}

function imageStep(
  name: string,
  image: Image,
  draft: Draft,
  until: PlannedGoal,
  timeoutUs: number,
  planning: Planning,
): WaveStep {
  return {
    kind: 'image',
    index: 0,
    name,
    variants: [{ image: image.key }],
    until,
    timeoutUs,
    // Nothing can go on without its image.
    errorBudget: 0,
    pacing: { loop: 'closed', share: 1, pauseUs: 0 },
    inFlightMax: undefined,
    interleaved: false,
    cleanup: false,
    waves: [
      { index: 0, warmup: false, operations: [{ id: planning.nextId(), ...draft, offsetUs: 0 }] },
    ],
  };
}

function planClone(step: CloneStep, planning: Planning): WaveStep {
  const image = planning.image(step.image);
  const lanes = step.arms.map((arm, variant) => cloneLane(arm, variant, image, planning));
  return {
    ...waveStep('clone', step.name, step.waves),
    variants: step.arms.map((arm) => ({ image: arm.image, source: arm.source })),
    interleaved: step.interleaved,
    cleanup: step.cleanup,
    waves: planWaves(
      lanes,
      step.interleaved ? 'interleaved' : 'sequential',
      step.waves,
      planning.nextId,
    ),
  };
}

function cloneLane(
  arm: CloneArm,
  variant: number,
  image: Image,
  { run }: Planning,
): readonly Draft[] {
  const manifest = cloneManifests(image, arm.source, run);
  return cloneNumbers(arm).map((index) => ({
    ...created('DataVolume', run.namespace, cloneName(arm.image, arm.source, index)),
    storageBytes: image.size.bytes,
    variant,
    manifest: () => manifest(index),
  }));
}

function planMachines(step: MachineStep, planning: Planning): WaveStep {
  const order: Order = step.mixed ? 'mixed' : 'sequential';
  const lanes = step.targets.map((target, variant) =>
    step.kind === 'deploy'
      ? deployLane(target, variant, planning)
      : changeLane(step.kind, step.via, target, variant, planning),
  );
  return {
    ...waveStep(step.kind, step.name, step.waves),
    variants: step.targets.map((target) => machineVariant(step.kind, target, planning)),
    waves: planWaves(lanes, order, step.waves, planning.nextId),
  };
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

function deployLane(target: MachineTarget, variant: number, planning: Planning): readonly Draft[] {
  const { template, manifests } = planning.template(target.template);
  const storageBytes = template.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
  return target.indices.map((index) => ({
    ...created('VirtualMachine', planning.run.namespace, manifests.name(index), storageBytes),
    variant,
    disks: template.disks.length,
    manifest: () => manifests.manifest(index),
  }));
}

function changeLane(
  kind: 'boot' | 'stop' | 'delete',
  via: MachineStep['via'],
  target: MachineTarget,
  variant: number,
  planning: Planning,
): readonly Draft[] {
  const { template, manifests } = planning.template(target.template);
  const verb = kind === 'boot' ? 'start' : kind;
  const how = verb === 'delete' ? {} : { via, ...(via === 'patch' && patchOf(verb, template)) };
  return target.indices.map((index) => ({
    verb,
    ...how,
    kind: 'VirtualMachine',
    namespace: planning.run.namespace,
    name: manifests.name(index),
    variant,
    disks: 0,
    storageBytes: 0,
  }));
}

function patchOf(verb: 'start' | 'stop', template: Template): { readonly patch: unknown } {
  const start = verb === 'start';
  if (template.runField === 'running') return { patch: { spec: { running: start } } };
  return { patch: { spec: { runStrategy: start ? 'Always' : 'Halted' } } };
}

function planCleanup(step: CleanupStep, planning: Planning): WaveStep {
  const clones = step.arms.map((arm, variant) =>
    cloneNumbers(arm).map(
      (index): Draft => ({
        verb: 'delete',
        kind: 'DataVolume',
        namespace: planning.run.namespace,
        name: cloneName(arm.image, arm.source, index),
        variant,
        disks: 0,
        storageBytes: 0,
      }),
    ),
  );
  const machines = step.targets.map((target, i) =>
    changeLane('delete', 'subresource', target, step.arms.length + i, planning),
  );
  return {
    ...waveStep('delete', step.name, step.waves),
    variants: [
      ...step.arms.map((arm) => ({ image: arm.image, source: arm.source })),
      ...step.targets.map((target) => machineVariant('delete', target, planning)),
    ],
    waves: planWaves([...clones, ...machines], 'sequential', step.waves, planning.nextId),
  };
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
    pacing: settings.pacing,
    inFlightMax: settings.inFlightMax,
    interleaved: false,
    cleanup: false,
  };
}

function created(
  kind: Draft['kind'],
  namespace: string,
  name: string,
  storageBytes = 0,
): Omit<Draft, 'manifest'> {
  return { verb: 'create', kind, namespace, name, variant: 0, disks: 0, storageBytes };
}

function cloneNumbers(arm: CloneArm): readonly number[] {
  return Array.from({ length: arm.count }, (_, i) => arm.first + i);
}
