import { describe, expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../../../src/api/compute.ts';
import type { Condition } from '../../../../src/api/object.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import {
  type MachineView,
  printableStatus,
} from '../../../../src/sim/controllers/compute/printable-status.ts';
import { machineObject } from '../../../support/compute-cluster.ts';

type Phase = NonNullable<VirtualMachineInstance['status']>['phase'];

const disk = (phase: string, conditions: readonly Condition[] = []): DataVolume => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name: 'root' },
  spec: {},
  status: { phase, conditions },
});

const instance = (
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

const machine = (
  settings: Parameters<typeof machineObject>[1] & { deleting?: boolean; failures?: number } = {},
) => {
  const object = machineObject('vm', settings);
  return {
    ...object,
    metadata: { ...object.metadata, ...(settings.deleting ? { deletionTimestamp: 'now' } : {}) },
    status: { startFailure: { consecutiveFailCount: settings.failures ?? 0 } },
  };
};

const view = (changes: Partial<MachineView>): MachineView => ({
  machine: machine(),
  instance: undefined,
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
const always = machine({ runStrategy: 'Always' });

describe('printableStatus', () => {
  test.each<[string, string, Partial<MachineView>]>([
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
      { machine: always, dataVolumes: [disk('WaitForFirstConsumer')], claims: [unbound] },
    ],
    ['an instance on order', 'Starting', { machine: always, startPending: true }],
    ['a new instance', 'Starting', { machine: always, instance: instance() }],
    ['an instance without a pod', 'Starting', { machine: always, instance: instance('Pending') }],
    ['a pod on its way', 'Starting', { machine: always, instance: instance('Scheduling') }],
    ['a pod that runs', 'Starting', { machine: always, instance: instance('Scheduled') }],
    ['a running instance', 'Running', { machine: always, instance: instance('Running') }],
    ['a paused one', 'Paused', { machine: always, instance: instance('Running', [paused]) }],
    ['an instance that is going', 'Stopping', { instance: instance('Running', [], 'now') }],
    ['an instance that has gone', 'Stopped', { instance: instance('Succeeded', [], 'now') }],
    [
      'no room anywhere',
      'ErrorUnschedulable',
      { machine: always, instance: instance('Scheduling', [unschedulable]) },
    ],
    [
      'a claim that is missing',
      'ErrorPvcNotFound',
      { machine: always, instance: instance('Pending', [noClaim]) },
    ],
    [
      'an instance that fails again and again',
      'CrashLoopBackOff',
      { machine: machine({ runStrategy: 'Always', failures: 2 }), instance: instance('Failed') },
    ],
    [
      'a VM that is deleted while it runs',
      'Terminating',
      {
        machine: machine({ runStrategy: 'Always', deleting: true }),
        instance: instance('Running'),
      },
    ],
    [
      'an instance in no known phase',
      'Unknown',
      { machine: always, instance: instance('Unknown') },
    ],
  ])('of %s is %s', (_what, expected, changes) => {
    expect(printableStatus(view(changes))).toBe(expected);
  });

  test('prefers what went wrong to what is under way', () => {
    const both = { machine: always, instance: instance('Scheduling', [unschedulable]) };
    expect(printableStatus(view({ ...both, dataVolumes: [disk('Failed')] }))).toBe(
      'DataVolumeError',
    );
    expect(printableStatus(view({ ...both, dataVolumes: [disk('Pending')] }))).toBe(
      'ErrorUnschedulable',
    );
  });
});
