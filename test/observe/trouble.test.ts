/** What is wrong with an object, read off its status; and what of that is told. */

import { describe, expect, test } from 'vitest';
import type { Condition, KubeObject } from '../../src/api/object.ts';
import { OBSERVED_KINDS, type ObservedKind } from '../../src/observe/kinds.ts';
import { createReading } from '../../src/observe/reading.ts';
import { newSeenObject } from '../../src/observe/seen-object.ts';
import { createStamps } from '../../src/observe/stamps.ts';
import { findTrouble } from '../../src/observe/trouble.ts';
import type { Change } from '../../src/record/entry.ts';

function object(kind: string, status: object): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'a', uid: 'u' }, status };
}

function condition(
  type: string,
  status: Condition['status'],
  reason: string,
  message = '',
): Condition {
  return { type, status, reason, message };
}

const QUOTA =
  'failed to create virtual machine pod: pods "virt-launcher-a" is forbidden: exceeded quota: q';

describe('the class of trouble', () => {
  test.each([
    ['ErrorUnschedulable', 'ErrorUnschedulable'],
    ['DataVolumeError', 'DataVolumeError'],
    ['CrashLoopBackOff', 'CrashLoopBackOff'],
    ['ErrImagePull', 'ErrImagePull'],
    ['ImagePullBackOff', 'ErrImagePull'],
    ['ErrorPvcNotFound', 'ErrorPvcNotFound'],
    ['ErrorDataVolumeNotFound', 'ErrorPvcNotFound'],
    ['Provisioning', undefined],
    ['Starting', undefined],
    ['Running', undefined],
  ])('of a VM that shows %s is %s', (printableStatus, expected) => {
    expect(findTrouble('VirtualMachine', object('', { printableStatus }))?.class).toBe(expected);
  });

  test.each([
    ['VirtualMachine', condition('Failure', 'True', 'FailedCreate', QUOTA), 'QuotaExceeded'],
    ['VirtualMachine', condition('Failure', 'True', 'FailedCreate', 'timeout'), 'FailedCreate'],
    ['VirtualMachine', condition('Ready', 'False', 'VMINotExists'), undefined],
    [
      'VirtualMachineInstance',
      condition('Synchronized', 'False', 'FailedCreate', QUOTA),
      'QuotaExceeded',
    ],
    [
      'VirtualMachineInstance',
      condition(
        'Synchronized',
        'False',
        'FailedCreate',
        'admission webhook "x" denied the request',
      ),
      'AdmissionDenied',
    ],
    [
      'VirtualMachineInstance',
      condition('Synchronized', 'False', 'FailedPvcNotFound'),
      'ErrorPvcNotFound',
    ],
    [
      'VirtualMachineInstance',
      condition('Synchronized', 'False', 'ImagePullBackOff'),
      'ErrImagePull',
    ],
    ['VirtualMachineInstance', condition('Synchronized', 'False', 'Other'), undefined],
    [
      'VirtualMachineInstance',
      condition('PodScheduled', 'False', 'Unschedulable'),
      'ErrorUnschedulable',
    ],
    ['Pod', condition('PodScheduled', 'False', 'Unschedulable'), 'ErrorUnschedulable'],
    ['Pod', condition('PodScheduled', 'False', 'SchedulingGated'), undefined],
    ['Pod', condition('PodScheduled', 'True', ''), undefined],
    ['DataVolume', condition('Running', 'False', 'Error'), 'DataVolumeError'],
    ['DataVolume', condition('Running', 'False', 'ImagePullFailed'), 'DataVolumeError'],
    ['DataVolume', condition('Running', 'False', 'Completed'), undefined],
    ['DataVolume', condition('Bound', 'Unknown', 'ErrExceededQuota'), 'QuotaExceeded'],
    ['DataVolume', condition('Bound', 'False', 'Pending'), undefined],
    ['PersistentVolumeClaim', condition('Resizing', 'True', ''), undefined],
  ])('%s %o: %s', (kind, said, expected) => {
    // Items of a list do not carry their kind.
    expect(findTrouble(kind, object('', { conditions: [said] }))?.class).toBe(expected);
  });

  test('of a snapshot is its error, with a message of bounded length', () => {
    const error = { message: 'x'.repeat(5000) };
    const trouble = findTrouble('VolumeSnapshot', object('', { error }));
    expect(trouble?.class).toBe('SnapshotError');
    expect(trouble?.message).toHaveLength(500);
  });
});

test('trouble is told when it begins, changes its class and ends, and no more often', () => {
  const kind = OBSERVED_KINDS.find((one) => one.resource.kind === 'Pod') as ObservedKind;
  const written: unknown[] = [];
  const notebook = { write: (entry: unknown) => written.push(entry) };
  const look = createReading(createStamps(notebook as never, []));
  const seen = newSeenObject(0, 'Pod', { namespace: 'ns', name: 'a', uid: 'u' });
  const pod = (said?: Condition) => object('Pod', { conditions: said ? [said] : [] });
  const unschedulable = (message: string) =>
    condition('PodScheduled', 'False', 'Unschedulable', message);
  const told = [
    pod(),
    pod(unschedulable('0/3 nodes')),
    pod(unschedulable('0/4 nodes')),
    pod(condition('PodScheduled', 'True', '')),
    pod(condition('PodScheduled', 'True', '')),
  ].map((one): readonly Change[] =>
    look(seen, kind, one).changes.filter(([name]) => name.startsWith('trouble')),
  );
  expect(told).toEqual([
    [],
    [
      ['trouble', 'ErrorUnschedulable'],
      ['troubleMessage', '0/3 nodes'],
    ],
    [],
    [['trouble', 'none']],
    [],
  ]);
});

/**
 * What CDI v1.58.4 wrote of a clone (fixtures of real controllers, case `nosize`), 37 events a
 * DataVolume where it took the way of a smart clone: heartbeats, and a flash of Error.
 */
describe('an Error that passes within a second', () => {
  const kindOf = (name: string) =>
    OBSERVED_KINDS.find(({ resource }) => resource.kind === name) as ObservedKind;
  const running = (status: Condition['status'], reason: string, message = '') => [
    condition('Bound', 'False', 'Pending', 'PVC nosize Pending'),
    condition('Ready', 'False', status === 'True' ? 'TransferRunning' : ''),
    condition('Running', status, reason, message),
  ];
  const volume = (phase: string, conditions: readonly Condition[]) =>
    object('DataVolume', { phase, conditions });
  const told = (kind: string, objects: readonly KubeObject[]) => {
    const entries = { write: () => {}, flush: () => {} };
    const read = createReading(createStamps(entries));
    const seen = newSeenObject(0, kind, { namespace: 'ns', name: 'a', uid: 'u' });
    return objects.map((each) => [...read(seen, kindOf(kind), each).changes]);
  };

  test('is told as trouble and as its end, and changes no stage', () => {
    const scheduled = volume('CloneScheduled', running('False', 'Pending', 'Clone Pending'));
    const copying = volume('CloneFromSnapshotSourceInProgress', running('True', 'Populator'));
    const error = volume(
      'CloneFromSnapshotSourceInProgress',
      running('False', 'Error', 'actual PVC size missing'),
    );
    const rebinding = volume('RebindInProgress', running('True', 'Populator'));
    const names = told('DataVolume', [scheduled, copying, error, rebinding]).map((changes) =>
      changes.map(([name, value]) => `${name}=${value}`),
    );
    expect(names).toEqual([
      ['phase=CloneScheduled'],
      ['phase=CloneFromSnapshotSourceInProgress', 'Running=True'],
      ['Running=False', 'trouble=DataVolumeError', 'troubleMessage=actual PVC size missing'],
      ['phase=RebindInProgress', 'Running=True', 'trouble=none'],
    ]);
  });

  test('and rewritten heartbeats leave no line, however often they come', () => {
    const beats = Array.from({ length: 30 }, (_, i) =>
      volume('CSICloneInProgress', [
        ...running('True', 'Populator'),
        { ...condition('Ready', 'False', i % 2 === 0 ? '' : 'TransferRunning') },
      ]),
    );
    expect(told('DataVolume', beats).filter(({ length }) => length > 0)).toHaveLength(1);
  });

  test('the claim’s clonePhase says it as well, which is no way that a clone takes', () => {
    const claim = (clonePhase: string) => ({
      ...object('PersistentVolumeClaim', { phase: 'Pending' }),
      metadata: { name: 'a', uid: 'u', annotations: { 'cdi.kubevirt.io/clonePhase': clonePhase } },
    });
    const phases = ['Pending', 'SnapshotClone', 'Error', 'Rebind', 'Succeeded'];
    expect(told('PersistentVolumeClaim', phases.map(claim)).flat()).toEqual([
      ['clonePhase', 'SnapshotClone'],
    ]);
  });

  test('a VM that prints it has trouble that passes', () => {
    const vm = (printableStatus: string) => object('VirtualMachine', { printableStatus });
    const statuses = ['Stopped', 'Provisioning', 'DataVolumeError', 'Provisioning', 'Stopped'];
    expect(told('VirtualMachine', statuses.map(vm)).flat()).toEqual([
      ['printableStatus', 'Stopped'],
      ['printableStatus', 'Provisioning'],
      ['printableStatus', 'DataVolumeError'],
      ['trouble', 'DataVolumeError'],
      ['printableStatus', 'Provisioning'],
      ['trouble', 'none'],
      ['printableStatus', 'Stopped'],
    ]);
  });
});
