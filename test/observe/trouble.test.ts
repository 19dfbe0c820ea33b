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
