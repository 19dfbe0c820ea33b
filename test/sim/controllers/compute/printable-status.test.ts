import { describe, expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../../../src/api/compute.ts';
import type { Condition } from '../../../../src/api/object.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import {
  type VmView,
  printableStatus,
} from '../../../../src/sim/controllers/compute/printable-status.ts';
import { vmObject } from '../../../support/compute-cluster.ts';

type Phase = NonNullable<VirtualMachineInstance['status']>['phase'];

const disk = (phase: string, conditions: readonly Condition[] = []): DataVolume => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name: 'root' },
  spec: {},
  status: { phase, conditions },
});

const vmi = (
  phase?: Phase,
  conditions: readonly Condition[] = [],
  deletionTimestamp?: string,
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  spec: { domain: {} },
  status: { ...(phase ? { phase } : {}), conditions },
});

const vm = (
  settings: Parameters<typeof vmObject>[1] & { deleting?: boolean; failures?: number } = {},
) => {
  const object = vmObject('vm', settings);
  return {
    ...object,
    metadata: { ...object.metadata, ...(settings.deleting ? { deletionTimestamp: 'now' } : {}) },
    status: { startFailure: { consecutiveFailCount: settings.failures ?? 0 } },
  };
};

const view = (changes: Partial<VmView>): VmView => ({
  vm: vm(),
  vmi: undefined,
  dataVolumes: [disk('Succeeded')],
  claims: [],
  startPending: false,
  ...changes,
});

const unbound: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'root' },
  spec: {},
  status: { phase: 'Pending' },
};
const unschedulable: Condition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
};
const noClaim: Condition = { type: 'Synchronized', status: 'False', reason: 'FailedPvcNotFound' };
const paused: Condition = { type: 'Paused', status: 'True' };
const diskError: Condition = { type: 'Running', status: 'False', reason: 'Error' };
const always = vm({ runStrategy: 'Always' });

describe('printableStatus', () => {
  test.each<[string, string, Partial<VmView>]>([
    ['a halted VM with its disks', 'Stopped', {}],
    ['a disk that is not seen yet', 'Stopped', { dataVolumes: [] }],
    ['a disk on its way', 'Provisioning', { dataVolumes: [disk('CSICloneInProgress')] }],
    ['one of two disks', 'Provisioning', { dataVolumes: [disk('Succeeded'), disk('Pending')] }],
    ['a failed disk', 'DataVolumeError', { dataVolumes: [disk('Failed')] }],
    [
      'a disk in error',
      'DataVolumeError',
      { dataVolumes: [disk('ImportInProgress', [diskError])] },
    ],
    [
      'a disk that waits for its consumer',
      'WaitingForVolumeBinding',
      { vm: always, dataVolumes: [disk('WaitForFirstConsumer')], claims: [unbound] },
    ],
    ['a VMI on order', 'Starting', { vm: always, startPending: true }],
    ['a new VMI', 'Starting', { vm: always, vmi: vmi() }],
    ['a VMI without a pod', 'Starting', { vm: always, vmi: vmi('Pending') }],
    ['a pod on its way', 'Starting', { vm: always, vmi: vmi('Scheduling') }],
    ['a pod that runs', 'Starting', { vm: always, vmi: vmi('Scheduled') }],
    ['a running VMI', 'Running', { vm: always, vmi: vmi('Running') }],
    ['a paused one', 'Paused', { vm: always, vmi: vmi('Running', [paused]) }],
    ['a VMI that is going', 'Stopping', { vmi: vmi('Running', [], 'now') }],
    ['a VMI that has gone', 'Stopped', { vmi: vmi('Succeeded', [], 'now') }],
    [
      'no room anywhere',
      'ErrorUnschedulable',
      { vm: always, vmi: vmi('Scheduling', [unschedulable]) },
    ],
    ['a claim that is missing', 'ErrorPvcNotFound', { vm: always, vmi: vmi('Pending', [noClaim]) }],
    [
      'a VMI that fails again and again',
      'CrashLoopBackOff',
      { vm: vm({ runStrategy: 'Always', failures: 2 }), vmi: vmi('Failed') },
    ],
    [
      'a VM that is deleted while it runs',
      'Terminating',
      {
        vm: vm({ runStrategy: 'Always', deleting: true }),
        vmi: vmi('Running'),
      },
    ],
    ['a VMI in no known phase', 'Unknown', { vm: always, vmi: vmi('Unknown') }],
  ])('of %s is %s', (_what, expected, changes) => {
    expect(printableStatus(view(changes))).toBe(expected);
  });

  test('prefers what went wrong to what is under way', () => {
    const both = { vm: always, vmi: vmi('Scheduling', [unschedulable]) };
    expect(printableStatus(view({ ...both, dataVolumes: [disk('Failed')] }))).toBe(
      'DataVolumeError',
    );
    expect(printableStatus(view({ ...both, dataVolumes: [disk('Pending')] }))).toBe(
      'ErrorUnschedulable',
    );
  });
});
