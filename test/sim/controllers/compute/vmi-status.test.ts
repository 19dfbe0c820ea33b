import { describe, expect, test } from 'vitest';
import type { Pod, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import {
  type VmiStatus,
  vmiStatus,
  type SyncFailure,
} from '../../../../src/sim/controllers/compute/vmi-status.ts';

type Phase = NonNullable<VmiStatus['phase']>;
type PodPhase = NonNullable<NonNullable<Pod['status']>['phase']>;

const vmi = (phase?: Phase, deletionTimestamp?: string): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', uid: 'one', ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  spec: { domain: {} },
  ...(phase ? { status: { phase } } : {}),
});

const pod = (phase: PodPhase, conditions: NonNullable<Pod['status']>['conditions'] = []): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'launcher', uid: 'pod' },
  spec: { nodeName: 'worker-001', containers: [{ name: 'compute' }] },
  status: {
    phase,
    conditions,
    containerStatuses: [
      {
        name: 'compute',
        ready: phase === 'Running',
        state: phase === 'Running' ? { running: {} } : { waiting: {} },
      },
    ],
  },
});

const after = (of: VirtualMachineInstance, launcher?: Pod, failure?: SyncFailure) =>
  vmiStatus({
    vmi: of,
    pod: launcher,
    failure,
    claim: () => undefined,
    release: 'ocp-4.15',
    stamp: 'now',
  });

const missing: SyncFailure = {
  reason: 'FailedPvcNotFound',
  message: 'PVC default/root does not exist, waiting for it to appear',
};

describe('the phase of a VMI', () => {
  test.each<[Phase | undefined, PodPhase | 'none', Phase]>([
    [undefined, 'none', 'Pending'],
    ['Pending', 'none', 'Pending'],
    [undefined, 'Pending', 'Scheduling'],
    ['Pending', 'Pending', 'Scheduling'],
    ['Pending', 'Failed', 'Failed'],
    ['Scheduling', 'Pending', 'Scheduling'],
    ['Scheduling', 'Running', 'Scheduled'],
    ['Scheduling', 'Succeeded', 'Failed'],
    ['Scheduling', 'none', 'Failed'],
    ['Scheduled', 'Running', 'Scheduled'],
    ['Scheduled', 'none', 'Failed'],
    ['Running', 'Running', 'Running'],
    ['Running', 'Failed', 'Failed'],
    ['Running', 'none', 'Failed'],
    ['Succeeded', 'none', 'Succeeded'],
    ['Failed', 'Running', 'Failed'],
  ])('%s with a pod that is %s becomes %s', (before, podPhase, expected) => {
    const launcher = podPhase === 'none' ? undefined : pod(podPhase);
    expect(after(vmi(before), launcher).phase).toBe(expected);
  });

  test('of one that is deleted before it got a pod is Failed', () => {
    expect(after(vmi('Pending', 'now')).phase).toBe('Failed');
  });

  test('is stamped the first time, and the pod is noted', () => {
    const scheduling = after(vmi(), pod('Pending'));
    expect(scheduling).toMatchObject({
      phaseTransitionTimestamps: [{ phase: 'Scheduling', phaseTransitionTimestamp: 'now' }],
      activePods: { pod: 'worker-001' },
    });
    expect(scheduling.nodeName).toBeUndefined();
    const scheduled = after({ ...vmi(), status: scheduling }, pod('Running'));
    expect(scheduled.nodeName).toBe('worker-001');
    expect(scheduled.phaseTransitionTimestamps).toHaveLength(2);
  });
});

describe('the conditions of a VMI', () => {
  const reasonOf = (status: VmiStatus, type: string) => {
    const condition = status.conditions?.find((each) => each.type === type);
    return condition && `${condition.status} ${condition.reason ?? ''}`.trim();
  };

  test('say how far it is', () => {
    expect(reasonOf(after(vmi()), 'Ready')).toBe('False PodNotExists');
    expect(reasonOf(after(vmi(), pod('Pending')), 'Ready')).toBe('False GuestNotRunning');
    const unready = pod('Running', [{ type: 'Ready', status: 'False', reason: 'NotYet' }]);
    expect(reasonOf(after(vmi('Running'), unready), 'Ready')).toBe('False NotYet');
    const ready = pod('Running', [{ type: 'Ready', status: 'True', lastTransitionTime: 'before' }]);
    const running = after(vmi('Running'), ready);
    expect(reasonOf(running, 'Ready')).toBe('True');
    expect(running.conditions?.[0]?.lastTransitionTime).toBe('before');
  });

  test('show a pod that fits nowhere, and a claim that is missing, while they last', () => {
    const refused = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' } as const;
    const stuck = after(vmi('Scheduling'), pod('Pending', [refused]));
    expect(reasonOf(stuck, 'PodScheduled')).toBe('False Unschedulable');
    const placed = after({ ...vmi(), status: stuck }, pod('Pending'));
    expect(reasonOf(placed, 'PodScheduled')).toBeUndefined();
    const waiting = after(vmi(), undefined, missing);
    expect(reasonOf(waiting, 'Synchronized')).toBe('False FailedPvcNotFound');
    expect(reasonOf(waiting, 'PodScheduled')).toBe('False Unschedulable');
    const found = after({ ...vmi(), status: waiting });
    expect(reasonOf(found, 'Synchronized')).toBeUndefined();
    expect(reasonOf(after({ ...vmi(), status: found }, pod('Pending')), 'Ready')).toBe(
      'False GuestNotRunning',
    );
  });

  test('that would not change leave the status as it is', () => {
    const status = after(vmi(), pod('Pending'));
    expect(after({ ...vmi(), status }, pod('Pending'))).toBe(status);
  });
});
