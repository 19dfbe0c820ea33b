import { describe, expect, test } from 'vitest';
import type { Pod, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import {
  type InstanceStatus,
  instanceStatus,
  type SyncFailure,
} from '../../../../src/sim/controllers/compute/instance-status.ts';

type Phase = NonNullable<InstanceStatus['phase']>;
type PodPhase = NonNullable<NonNullable<Pod['status']>['phase']>;

const instance = (phase?: Phase, deletionTimestamp?: string): VirtualMachineInstance => ({
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
  instanceStatus({ instance: of, pod: launcher, failure, claim: () => undefined, stamp: 'now' });

const missing: SyncFailure = {
  reason: 'FailedPvcNotFound',
  message: 'PVC default/root does not exist, waiting for it to appear',
};

describe('the phase of an instance', () => {
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
    expect(after(instance(before), launcher).phase).toBe(expected);
  });

  test('of one that is deleted before it got a pod is Failed', () => {
    expect(after(instance('Pending', 'now')).phase).toBe('Failed');
  });

  test('is stamped the first time, and the pod is noted', () => {
    const scheduling = after(instance(), pod('Pending'));
    expect(scheduling).toMatchObject({
      phaseTransitionTimestamps: [{ phase: 'Scheduling', phaseTransitionTimestamp: 'now' }],
      activePods: { pod: 'worker-001' },
    });
    expect(scheduling.nodeName).toBeUndefined();
    const scheduled = after({ ...instance(), status: scheduling }, pod('Running'));
    expect(scheduled.nodeName).toBe('worker-001');
    expect(scheduled.phaseTransitionTimestamps).toHaveLength(2);
  });
});

describe('the conditions of an instance', () => {
  const reasonOf = (status: InstanceStatus, type: string) => {
    const condition = status.conditions?.find((each) => each.type === type);
    return condition && `${condition.status} ${condition.reason ?? ''}`.trim();
  };

  test('say how far it is', () => {
    expect(reasonOf(after(instance()), 'Ready')).toBe('False PodNotExists');
    expect(reasonOf(after(instance(), pod('Pending')), 'Ready')).toBe('False GuestNotRunning');
    const unready = pod('Running', [{ type: 'Ready', status: 'False', reason: 'NotYet' }]);
    expect(reasonOf(after(instance('Running'), unready), 'Ready')).toBe('False NotYet');
    const ready = pod('Running', [{ type: 'Ready', status: 'True', lastTransitionTime: 'before' }]);
    const running = after(instance('Running'), ready);
    expect(reasonOf(running, 'Ready')).toBe('True');
    expect(running.conditions?.[0]?.lastTransitionTime).toBe('before');
  });

  test('show a pod that fits nowhere, and a claim that is missing, while they last', () => {
    const refused = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' } as const;
    const stuck = after(instance('Scheduling'), pod('Pending', [refused]));
    expect(reasonOf(stuck, 'PodScheduled')).toBe('False Unschedulable');
    const placed = after({ ...instance(), status: stuck }, pod('Pending'));
    expect(reasonOf(placed, 'PodScheduled')).toBeUndefined();
    const waiting = after(instance(), undefined, missing);
    expect(reasonOf(waiting, 'Synchronized')).toBe('False FailedPvcNotFound');
    expect(reasonOf(waiting, 'PodScheduled')).toBe('False Unschedulable');
    const found = after({ ...instance(), status: waiting });
    expect(reasonOf(found, 'Synchronized')).toBeUndefined();
    expect(reasonOf(after({ ...instance(), status: found }, pod('Pending')), 'Ready')).toBe(
      'False GuestNotRunning',
    );
  });

  test('that would not change leave the status as it is', () => {
    const status = after(instance(), pod('Pending'));
    expect(after({ ...instance(), status }, pod('Pending'))).toBe(status);
  });
});
