/** Operations and what is seen: which sighting settles which operation, and how. */

import { describe, expect, test } from 'vitest';
import type { Expectation, Verdict } from '../../src/observe/expectation.ts';
import { createOutstanding } from '../../src/observe/outstanding.ts';
import { newSeenObject, type SeenObject, setValue } from '../../src/observe/seen-object.ts';

function stage() {
  const verdicts: [number, Verdict][] = [];
  const outstanding = createOutstanding((operation, verdict) => {
    verdicts.push([operation, verdict]);
  });
  const { sightings } = outstanding;
  let id = 0;
  const appear = (kind: string, name: string, owner?: SeenObject) => {
    const uid = `uid-${id}`;
    const object = newSeenObject(id++, kind, { namespace: 'ns', name, uid });
    object.owner = owner;
    sightings.appeared(object);
    return object;
  };
  const change = (object: SeenObject, name: string, value: string) => {
    if (setValue(object, name, value)) sightings.changed(object, name, value);
  };
  return { verdicts, outstanding, sightings, appear, change };
}

function expectation(operation: number, draft: Partial<Expectation>): Expectation {
  return {
    operation,
    kind: 'DataVolume',
    namespace: 'ns',
    name: 'a',
    goal: 'dataVolumeSucceeded',
    disks: 0,
    golden: false,
    ...draft,
  };
}

const REACHED = { how: 'reached' };

describe('milestones', () => {
  test('a clone is reached when its DataVolume has Succeeded, once', () => {
    const { verdicts, outstanding, appear, change } = stage();
    outstanding.expect(expectation(7, {}));
    const volume = appear('DataVolume', 'a');
    change(volume, 'phase', 'CloneScheduled');
    expect(verdicts).toEqual([]);
    change(volume, 'phase', 'Succeeded');
    change(volume, 'Ready', 'True');
    expect(verdicts).toEqual([[7, REACHED]]);
  });

  test.each(['Succeeded first', 'Bound first'])('a golden image needs both: %s', (order) => {
    for (const goal of ['dataVolumeSucceeded', 'claimBound'] as const) {
      const { verdicts, outstanding, appear, change } = stage();
      outstanding.expect(expectation(1, { golden: true, goal }));
      const volume = appear('DataVolume', 'a');
      const claim = appear('PersistentVolumeClaim', 'a', volume);
      const steps = [
        () => change(volume, 'phase', 'Succeeded'),
        () => change(claim, 'phase', 'Bound'),
      ];
      if (order === 'Bound first') steps.reverse();
      steps[0]?.();
      expect(verdicts).toEqual([]);
      steps[1]?.();
      expect(verdicts).toEqual([[1, REACHED]]);
    }
  });

  test('a VM is provisioned when all its disks have Succeeded, also those seen before it', () => {
    const { verdicts, outstanding, sightings, appear, change } = stage();
    const goal = 'provisioned';
    outstanding.expect(expectation(1, { kind: 'VirtualMachine', name: 'vm', disks: 2, goal }));
    const early = appear('DataVolume', 'disk-0');
    change(early, 'phase', 'Succeeded');
    const vm = appear('VirtualMachine', 'vm');
    early.owner = vm;
    sightings.adopted(early);
    const late = appear('DataVolume', 'disk-1', vm);
    expect(verdicts).toEqual([]);
    change(late, 'phase', 'Succeeded');
    expect(verdicts).toEqual([[1, REACHED]]);
  });

  test('a boot waits for its own VMI, not for the one before', () => {
    const { verdicts, outstanding, sightings, appear, change } = stage();
    const vm = appear('VirtualMachine', 'vm');
    const before = appear('VirtualMachineInstance', 'vm', vm);
    change(before, 'phase', 'Running');
    sightings.gone(before);
    outstanding.expect(
      expectation(1, { kind: 'VirtualMachine', name: 'vm', goal: 'instanceRunning' }),
    );
    const vmi = appear('VirtualMachineInstance', 'vm', vm);
    change(before, 'phase', 'Failed');
    change(vmi, 'phase', 'Scheduled');
    expect(verdicts).toEqual([]);
    change(vmi, 'phase', 'Running');
    expect(verdicts).toEqual([[1, REACHED]]);
  });

  test('what has already happened when the operation starts counts', () => {
    const { verdicts, outstanding, appear, change } = stage();
    const volume = appear('DataVolume', 'a');
    change(volume, 'phase', 'Succeeded');
    outstanding.expect(expectation(1, {}));
    expect(verdicts).toEqual([[1, REACHED]]);
  });

  test('a stop is over when the VMI is gone, or when there was none', () => {
    const { verdicts, outstanding, sightings, appear } = stage();
    const vm = appear('VirtualMachine', 'vm');
    const vmi = appear('VirtualMachineInstance', 'vm', vm);
    const stop = { kind: 'VirtualMachine', name: 'vm', goal: 'stopped' } as const;
    outstanding.expect(expectation(1, stop));
    outstanding.accepted(1);
    expect(verdicts).toEqual([]);
    sightings.gone(vmi);
    outstanding.expect(expectation(2, stop));
    outstanding.accepted(2);
    expect(verdicts).toEqual([
      [1, REACHED],
      [2, REACHED],
    ]);
  });

  test('no milestone at all is reached with the acknowledgement', () => {
    const { verdicts, outstanding } = stage();
    outstanding.expect(expectation(1, { goal: 'none' }));
    outstanding.accepted(1);
    expect(verdicts).toEqual([[1, REACHED]]);
  });
});

describe('failures', () => {
  test.each([
    ['DataVolume', 'phase', 'Failed', 'DataVolumeFailed'],
    ['VirtualMachineInstance', 'phase', 'Failed', 'InstanceFailed'],
    ['VirtualMachineInstance', 'phase', 'Succeeded', 'InstanceSucceeded'],
  ])('%s %s %s ends a boot as %s', (kind, name, value, reason) => {
    const { verdicts, outstanding, appear, change } = stage();
    outstanding.expect(expectation(1, { kind: 'VirtualMachine', name: 'vm', goal: 'guestReady' }));
    const vm = appear('VirtualMachine', 'vm');
    change(kind === 'VirtualMachine' ? vm : appear(kind, 'vm', vm), name, value);
    expect(verdicts).toMatchObject([[1, { how: 'failed', reason }]]);
  });

  test.each([
    'ErrorUnschedulable',
    'DataVolumeError',
    'CrashLoopBackOff',
    'ErrImagePull',
    'ImagePullBackOff',
    'ErrorPvcNotFound',
  ])('%s may pass, so nothing is settled by it', (status) => {
    const { verdicts, outstanding, appear, change } = stage();
    outstanding.expect(expectation(1, { kind: 'VirtualMachine', name: 'vm', goal: 'guestReady' }));
    change(appear('VirtualMachine', 'vm'), 'printableStatus', status);
    expect(verdicts).toEqual([]);
    expect(outstanding.lastWord(1)).toBe(`VirtualMachine ${status}`);
  });

  test('a deletion is the goal of a delete and the loss of anything else', () => {
    const { verdicts, outstanding, sightings, appear } = stage();
    outstanding.expect(expectation(1, { goal: 'deleted' }));
    outstanding.expect(expectation(2, { name: 'b' }));
    sightings.gone(appear('DataVolume', 'a'));
    sightings.gone(appear('DataVolume', 'b'));
    expect(verdicts).toEqual([
      [1, REACHED],
      [2, { how: 'censored', reason: 'Deleted' }],
    ]);
  });
});

describe('trouble', () => {
  const troubled = () => {
    const stand = stage();
    const boot = { kind: 'VirtualMachine', name: 'vm', goal: 'guestReady' } as const;
    stand.outstanding.expect(expectation(1, boot));
    const vm = stand.appear('VirtualMachine', 'vm');
    const vmi = stand.appear('VirtualMachineInstance', 'vm', vm);
    const pod = stand.appear('Pod', 'virt-launcher-vm', vmi);
    const say = (object: SeenObject, trouble: string, message = '') => {
      setValue(object, 'troubleMessage', message);
      stand.change(object, 'trouble', trouble);
    };
    return { ...stand, vm, vmi, pod, say };
  };

  test('of a pod is known of its VM, in the words of the pod, until it is over', () => {
    const { outstanding, vm, pod, say } = troubled();
    expect(outstanding.troubleOf(1)).toBeUndefined();
    say(pod, 'ErrorUnschedulable', '0/3 nodes are available');
    say(vm, 'ErrorUnschedulable');
    const expected = { class: 'ErrorUnschedulable', message: '0/3 nodes are available' };
    expect(outstanding.troubleOf(1)).toEqual(expected);
    say(pod, 'none');
    say(vm, 'none');
    expect(outstanding.troubleOf(1)).toBeUndefined();
  });

  test('of what is gone is gone, and leaves what its owner says', () => {
    const { outstanding, sightings, vm, vmi, say } = troubled();
    say(vmi, 'QuotaExceeded', 'exceeded quota: q');
    say(vm, 'CrashLoopBackOff');
    expect(outstanding.troubleOf(1)?.class).toBe('QuotaExceeded');
    sightings.gone(vmi);
    expect(outstanding.troubleOf(1)).toEqual({ class: 'CrashLoopBackOff', message: '' });
  });

  test('that was seen before its owner is told once it is known', () => {
    const { outstanding, sightings, appear, vm, say } = troubled();
    const early = appear('DataVolume', 'disk');
    say(early, 'DataVolumeError', 'no such file');
    early.owner = vm;
    sightings.adopted(early);
    expect(outstanding.troubleOf(1)?.class).toBe('DataVolumeError');
  });
});

test('a forgotten operation is never settled', () => {
  const { verdicts, outstanding, appear, change } = stage();
  outstanding.expect(expectation(1, {}));
  outstanding.forget(1);
  change(appear('DataVolume', 'a'), 'phase', 'Succeeded');
  expect(verdicts).toEqual([]);
});

test('whoever waits for objects to be gone is called when the last one is cleared', () => {
  const { outstanding, sightings, appear } = stage();
  const [a, b] = [appear('DataVolume', 'a'), appear('DataVolume', 'b')];
  let cleared = 0;
  const left = outstanding.whenCleared([a.uid, b.uid, 'never seen'], () => {
    cleared += 1;
  });
  sightings.cleared(a);
  expect(cleared).toBe(0);
  expect(left()).toEqual([b.uid]);
  sightings.cleared(b);
  expect(cleared).toBe(1);
  outstanding.whenCleared([a.uid], () => {
    cleared += 1;
  });
  expect(cleared).toBe(2);
});
