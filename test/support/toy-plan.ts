/** Small plans for the toy cluster, with everything of interest given by the test. */

import type { KubeObject } from '../../src/api/object.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import type { Plan, PlannedOperation, PlannedStep, WaveStep } from '../../src/plan/plan.ts';

const LABELS = { 'bench.kubevirt.io/run': 'r1' };
export const NAMESPACE = 'bench-r1';

export function planRatio(...steps: readonly PlannedStep[]): Plan {
  const numbered = steps.map((step, index) => ({ ...step, index }));
  const labels = LABELS;
  return { scenario: 'toy', runId: 'r1', namespace: NAMESPACE, labels, steps: numbered };
}

type StepSettings = Partial<Omit<WaveStep, 'waves'>>;

/** Waves of these operations, closed loop without pause, 10 minutes to each operation. */
export function waveStep(
  waves: readonly (readonly PlannedOperation[])[],
  settings: StepSettings = {},
): WaveStep {
  return {
    kind: 'clone',
    index: 0,
    name: 'a step',
    variants: [{}],
    until: 'dataVolumeSucceeded',
    timeoutUs: 10 * MINUTE,
    errorBudget: 0,
    waveErrorBudget: 0.5,
    pacing: { loop: 'closed', share: 1, pauseUs: 0 },
    inFlightMax: undefined,
    interleaved: false,
    cleanup: false,
    ...settings,
    waves: waves.map((operations, index) => ({ index, warmup: false, operations })),
  };
}

/** Clones `first` to `first + count - 1`, one a second. */
export function clones(first: number, count: number): readonly PlannedOperation[] {
  return Array.from({ length: count }, (_, i) => ({
    ...operation(first + i, 'DataVolume', `clone-${first + i}`),
    offsetUs: i * SECOND,
    manifest: () => dataVolume(`clone-${first + i}`),
  }));
}

export function vms(first: number, count: number, disks = 1): readonly PlannedOperation[] {
  return Array.from({ length: count }, (_, i) => ({
    ...operation(first + i, 'VirtualMachine', `vm-${i}`),
    disks,
    manifest: () => vm(`vm-${i}`, disks),
  }));
}

export function changes(
  verb: 'start' | 'stop' | 'delete',
  first: number,
  count: number,
): readonly PlannedOperation[] {
  return Array.from({ length: count }, (_, i) => ({
    ...operation(first + i, 'VirtualMachine', `vm-${i}`),
    verb,
    via: 'subresource' as const,
  }));
}

function operation(id: number, kind: PlannedOperation['kind'], name: string): PlannedOperation {
  return {
    id,
    verb: 'create',
    kind,
    namespace: NAMESPACE,
    name,
    variant: 0,
    offsetUs: 0,
    disks: 0,
    storageBytes: 0,
  };
}

export function dataVolume(name: string): KubeObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, namespace: NAMESPACE, labels: LABELS },
    spec: { source: { pvc: { name: 'golden' } } },
  };
}

function vm(name: string, disks: number): KubeObject {
  const dataVolumeTemplates = Array.from({ length: disks }, (_, i) => ({
    metadata: { name: `${name}-disk${i}`, labels: LABELS },
    spec: { source: { blank: {} } },
  }));
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: NAMESPACE, labels: LABELS },
    spec: {
      running: false,
      dataVolumeTemplates,
      template: { metadata: { labels: LABELS }, spec: { domain: {} } },
    },
  } as KubeObject;
}
