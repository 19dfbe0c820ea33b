/**
 * KubeVirt's webhooks and subresources as clients meet them: first found where a real virt-api
 * refused what ours took (v1.1.1 to the head of 2026-08).
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../src/api/compute.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { VIRTUAL_MACHINES, VMIS } from '../../src/api/resources.ts';
import { ACCEPT } from '../../src/api/transport.ts';
import { collectionPath, objectPath, subresourcePath } from '../../src/kube/paths.ts';
import { onEachArmWith, openSubject, type Subject, until } from '../support/conformance-arms.ts';

const VALIDATOR = 'admission webhook "virtualmachine-validator.kubevirt.io" denied the request: ';

onEachArmWith('kubevirt', (arm) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await openSubject(arm);
  });
  afterAll(() => subject.close());

  const TEMPLATE = {
    spec: { domain: { devices: {}, memory: { guest: '64Mi' } }, terminationGracePeriodSeconds: 0 },
  };
  const path = (name: string) =>
    objectPath(VIRTUAL_MACHINES, { namespace: subject.namespace, name });
  const create = (name: string, spec: object, template: object = TEMPLATE) =>
    subject.ask('POST', collectionPath(VIRTUAL_MACHINES, subject.namespace), {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name, namespace: subject.namespace },
      spec: { template, ...spec },
    } as KubeObject);
  const act = (name: string, action: 'start' | 'stop' | 'restart', body: unknown = {}) =>
    subject.ask(
      'PUT',
      subresourcePath(VIRTUAL_MACHINES, { namespace: subject.namespace, name }, action),
      body,
    );

  test.each<[string, object, string, RegExp]>([
    [
      'both ways to say whether it runs',
      { running: false, runStrategy: 'Halted' },
      'spec.running',
      /^Running and RunStrategy are mutually exclusive/,
    ],
    ['neither', {}, 'spec.running', /^(One of Running or )?RunStrategy must be specified$/],
    [
      'a disk of no volume',
      {
        runStrategy: 'Halted',
        template: { spec: { domain: { devices: { disks: [{ name: 'root', disk: {} }] } } } },
      },
      'spec.template.spec.domain.devices.disks[0].name',
      /^spec.template.spec.domain.devices.disks\[0\].Name 'root' not found.$/,
    ],
    [
      'a disk template that no volume names',
      {
        runStrategy: 'Halted',
        dataVolumeTemplates: [
          {
            metadata: { name: 'unused' },
            spec: {
              source: { blank: {} },
              pvc: {
                accessModes: ['ReadWriteOnce'],
                resources: { requests: { storage: '1Gi' } },
              },
            },
          },
        ],
      },
      'spec.dataVolumeTemplate[0]',
      /^DataVolumeTemplate entry \S+\[0\] must be referenced in the VMI template's 'volumes' list$/,
    ],
  ])('refused: %s', async (_, spec, field, message) => {
    const { status, body } = await create('refused', spec);
    expect([status, body.reason]).toEqual([422, 'Invalid']);
    expect(body.message).toBe(`${VALIDATOR}${body.details?.causes?.[0]?.message}`);
    expect(body.details?.causes).toEqual([
      expect.objectContaining({ field, message: expect.stringMatching(message) }),
    ]);
  });

  test('what cannot be is refused before it is known that the name is taken', async () => {
    expect((await create('taken', { runStrategy: 'Halted' })).status).toBe(201);
    expect((await create('taken', {})).status).toBe(422);
    const again = await create('taken', { runStrategy: 'Halted' });
    expect([again.status, again.body.reason]).toEqual([409, 'AlreadyExists']);
  });

  test('start and stop are for clients that take anything, and for PUT', async () => {
    await create('asked', { runStrategy: 'Halted' });
    const start = subresourcePath(
      VIRTUAL_MACHINES,
      { namespace: subject.namespace, name: 'asked' },
      'start',
    );
    expect(await subject.plainly('PUT', start, 'application/json')).toMatchObject({ status: 406 });
    const get = await subject.plainly('GET', start, ACCEPT);
    expect([get.status, get.text]).toEqual([405, '405: Method Not Allowed']);
    expect(get.allow).toContain('PUT');
  });

  test('what start, stop and restart object to', async () => {
    await create('halted', { runStrategy: 'Halted' });
    const conflict = (why: string) =>
      `Operation cannot be fulfilled on virtualmachine.kubevirt.io "halted": ${why}`;
    const absent = await act('absent', 'start');
    expect([absent.status, absent.body.message]).toEqual([
      404,
      'virtualmachine.kubevirt.io "absent" not found',
    ]);
    const stop = await act('halted', 'stop');
    expect([stop.status, stop.body.message]).toEqual([409, conflict('VM is not running')]);
    const restart = await act('halted', 'restart');
    expect([restart.status, restart.body.message]).toEqual([
      409,
      conflict('RunStategy Halted does not support manual restart requests'),
    ]);
    const bad = await act('halted', 'start', 'now');
    expect([bad.status, bad.body.reason]).toEqual([400, 'BadRequest']);
    expect((await act('halted', 'start', { dryRun: ['All'] })).status).toBe(202);
    const { body } = await subject.ask('GET', path('halted'));
    expect(body.spec).toMatchObject({ runStrategy: 'Halted' });
  });

  test('an instance is Pending when it is first seen, with what its webhook filled in', async () => {
    const { metadata } = await subject.client.list(VMIS, { namespace: subject.namespace });
    const query = { resourceVersion: metadata.resourceVersion ?? '' };
    const watched = subject.watch(VMIS, query);
    await create('born', { runStrategy: 'Halted' });
    expect((await act('born', 'start')).status).toBe(202);
    await until(() => watched.events.length > 0);
    watched.stop();
    const [first] = watched.events;
    expect(first?.type).toBe('ADDED');
    const vmi = first?.object as VirtualMachineInstance;
    expect(vmi.status).toMatchObject({
      phase: 'Pending',
      currentCPUTopology: { cores: 1, sockets: 1, threads: 1 },
      memory: { guestAtBoot: '64Mi', guestCurrent: '64Mi', guestRequested: '64Mi' },
      runtimeUser: 107,
      virtualMachineRevisionName: expect.stringMatching(/^revision-start-vm-/),
    });
    expect(vmi.metadata.finalizers).toEqual(
      expect.arrayContaining([
        'kubevirt.io/virtualMachineControllerFinalize',
        expect.stringMatching(/^(kubevirt\.io\/)?foregroundDeleteVirtualMachine$/),
      ]),
    );
    const again = await act('born', 'start');
    expect([again.status, again.body.reason]).toEqual([409, 'Conflict']);
    await subject.ask('DELETE', path('born'));
  });
});
