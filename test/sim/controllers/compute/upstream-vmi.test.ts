/** What a VMI of KubeVirt's head says of itself, as it was seen beside the real virt-controller. */

import { expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../../../src/api/compute.ts';
import type { DataVolume } from '../../../../src/api/storage.ts';
import type { Release } from '../../../../src/parameters/release.ts';
import { vmiStatus } from '../../../../src/sim/controllers/compute/vmi-status.ts';
import { type LifeEvent, runLife } from '../../../support/fidelity/kubevirt-life.ts';

const READY = {
  type: 'DataVolumesReady',
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: null,
  reason: 'AllDVsReady',
  message: "All of the VMI's DVs are bound and ready",
};

const release: Release = 'upstream-2026-08';

test('it is scheduled with its pod, and tells of its disks as its VM does', async () => {
  const { events } = await runLife(release);
  const of = (kind: LifeEvent['kind']) =>
    events.flatMap((event) =>
      event.kind === kind ? [event.object as VirtualMachineInstance] : [],
    );
  const instances = of('VirtualMachineInstance');
  const [first] = instances.flatMap(({ status }) => (status?.conditions ? [status] : []));
  expect(first?.phase).toBe('Scheduling');
  expect(first?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
    ['Ready', 'GuestNotRunning'],
    ['DataVolumesReady', 'AllDVsReady'],
  ]);
  const last = instances.findLast(({ status }) => status?.phase === 'Running');
  expect(last?.status?.conditions).toContainEqual(READY);
  expect(of('VirtualMachine').some(({ status }) => status?.conditions?.some(isDisks))).toBe(true);
});

const isDisks = ({ type }: { readonly type: string }) => type === READY.type;

test.each([
  [['True', 'True'], 'True', 'AllDVsReady'],
  [['True', undefined], 'Unknown', 'NotAllDVsReady'],
  [[undefined, 'False'], 'False', 'NotAllDVsReady'],
])('disks of which the conditions Ready are %j make it %s', (ready, status, reason) => {
  const dataVolumes = ready.map(
    (each) =>
      ({
        status: { conditions: each ? [{ type: 'Ready', status: each }] : [] },
      }) as unknown as DataVolume,
  );
  const vmi = { metadata: { name: 'vm' }, spec: { domain: {} } } as VirtualMachineInstance;
  const facts = {
    vmi,
    pod: undefined,
    failure: undefined,
    claim: () => undefined,
    release,
    stamp: 'now',
  };
  const { conditions } = vmiStatus({ ...facts, dataVolumes });
  expect(conditions?.find(isDisks)).toMatchObject({ status, reason });
  expect(vmiStatus({ ...facts, dataVolumes: [] }).conditions?.some(isDisks)).toBe(false);
});
