/**
 * One VM from its creation to its end, as it was recorded on virt-api and virt-controller 1.1.1:
 * created halted with a snapshot for its disk, started, left to boot, deleted. Travel times are
 * those of the recording's small cluster.
 */

import type { VirtualMachineInstance } from '../../../src/api/compute.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { DATA_VOLUMES, VMIS, SNAPSHOTS, VIRTUAL_MACHINES } from '../../../src/api/resources.ts';
import type { DataVolume, VolumeSnapshot } from '../../../src/api/storage.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { seconds } from '../../../src/core/duration.ts';
import { createClient, type KubeClient } from '../../../src/kube/client.ts';
import { GUEST_PROFILES } from '../../../src/parameters/guests.ts';
import { resolveParameters } from '../../../src/parameters/parameters.ts';
import { DEFAULT_RELEASE, type Release } from '../../../src/parameters/release.ts';
import { createSimulator } from '../../../src/sim/simulator.ts';
import { RECORDED_API, RECORDED_WEBHOOKS } from './recorded-api.ts';
import recorded from '../../fixtures/kubevirt-one-vm.json' with { type: 'json' };

/** The VM of all recordings. */
export const MACHINE = recorded.machine;

const { namespace, name, spec } = MACHINE;
const CLASS = 'ocs-storagecluster-ceph-rbd-virtualization';

export type LifeKind = 'VirtualMachine' | 'VirtualMachineInstance' | 'Pod';

export interface LifeEvent {
  readonly kind: LifeKind;
  readonly type: string;
  readonly object: KubeObject;
}

export interface Life {
  /** In order; what the watches of all three kinds would have seen. */
  readonly events: readonly LifeEvent[];
}

const KINDS: ReadonlySet<string> = new Set(['VirtualMachine', 'VirtualMachineInstance', 'Pod']);

export async function runLife(release: Release = DEFAULT_RELEASE, seed = 1): Promise<Life> {
  const simulator = createSimulator({
    seed,
    parameters: resolveParameters({ api: RECORDED_API, virtApi: RECORDED_WEBHOOKS }, release),
    images: [],
    otherImage: { key: 'rhel9', dataBytes: 4e9, guest: GUEST_PROFILES.rhel9 },
    storageClasses: [CLASS],
    snapshotClasses: ['ocs-storagecluster-rbdplugin-snapclass'],
    namespaces: [namespace],
    recordEvents: true,
    creditsWriters: true,
    // CDI was played there by an earlier bench, which had no webhooks.
    without: ['cdi-apiserver'],
  });
  const events: LifeEvent[] = [];
  simulator.server.onCommit(({ event: { object, type } }) => {
    if (!KINDS.has(object.kind) || object.metadata.namespace !== namespace) return;
    if (object.kind === 'Pod' && !object.metadata.name.startsWith('virt-launcher-')) return;
    events.push({ kind: object.kind as LifeKind, type, object });
  });
  const client = createClient(simulator.transport);
  await simulator.kernel.run(async () => {
    const site = { client, clock: simulator.kernel, patience: 1 };
    await prepareSnapshot(site);
    await live(site);
  });
  return { events };
}

export interface Site {
  readonly client: KubeClient;
  readonly clock: Pick<Clock, 'sleep'>;
  /** How long is waited, where 1 is enough for a busy cluster. */
  readonly patience: number;
}

/** What the VM's disk is cloned from. */
export async function prepareSnapshot({ client, clock, patience }: Site): Promise<void> {
  await clock.sleep(seconds(1));
  const pvc = {
    accessModes: ['ReadWriteMany'],
    volumeMode: 'Block',
    storageClassName: CLASS,
    resources: { requests: { storage: '22Gi' } },
  };
  await client.create(DATA_VOLUMES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name: 'golden', namespace },
    spec: { source: { http: { url: 'http://images.example/rhel9.qcow2' } }, pvc },
  } as DataVolume);
  await clock.sleep(seconds(120) * patience);
  await client.create(SNAPSHOTS, {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: 'snap', namespace },
    spec: {
      source: { persistentVolumeClaimName: 'golden' },
      volumeSnapshotClassName: 'ocs-storagecluster-rbdplugin-snapclass',
    },
  } as VolumeSnapshot);
  await clock.sleep(seconds(60) * patience);
  const snapshot = await client.get<VolumeSnapshot>(SNAPSHOTS, { namespace, name: 'snap' });
  if (!snapshot.status?.readyToUse) throw new Error('no snapshot');
}

/** Created, started, left to boot, deleted. */
export async function live({ client, clock, patience }: Site): Promise<void> {
  const vm = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' };
  await client.create(VIRTUAL_MACHINES, { ...vm, metadata: { name, namespace }, spec } as never, {
    fieldManager: 'node',
  });
  await clock.sleep(seconds(30));
  const base = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}`;
  await client.raw({ method: 'PUT', path: `${base}/virtualmachines/${name}/start`, body: {} });
  await clock.sleep(seconds(90) * patience);
  const vmi = await client.get<VirtualMachineInstance>(VMIS, { namespace, name });
  if (vmi.status?.phase !== 'Running') throw new Error('the VM does not run');
  await client.remove(VIRTUAL_MACHINES, { name, namespace });
  await clock.sleep(seconds(60) * patience);
}

/** Whether an object has come to what it is while the VM runs. */
export function isUp({ kind, object }: LifeEvent): boolean {
  if (kind === 'Pod') return object.metadata.labels?.['kubevirt.io/nodeName'] !== undefined;
  const { status } = object as { status?: { conditions?: readonly { type: string }[] } };
  return status?.conditions?.some(({ type }) => type === 'AgentConnected') ?? false;
}

/** Characters of a watch event on the wire. */
export function eventBytes({ type, object }: LifeEvent): number {
  return JSON.stringify({ type, object }).length + 1;
}

export function withoutManagers({ metadata, ...rest }: KubeObject): object {
  const { managedFields: _, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
