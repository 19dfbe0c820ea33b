/**
 * A cluster for tests of the harness: a real API server whose objects go through fixed phases at
 * fixed times. It models nothing; tests of the harness want to know exactly what happened when.
 */

import type { VirtualMachine } from '../../src/api/compute.ts';
import type { KubeObject } from '../../src/api/object.ts';
import type { Resource } from '../../src/api/resources.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  NAMESPACES,
  PODS,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../../src/api/resources.ts';
import type { Method, Transport } from '../../src/api/transport.ts';
import { SECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { rfc3339 } from '../../src/core/time-text.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { createFaults } from '../../src/sim/apiserver/faults/faults.ts';
import type { FaultPlan } from '../../src/sim/apiserver/faults/plan.ts';
import { inProcessTransport } from '../../src/sim/apiserver/in-process.ts';
import { type ApiServer, createApiServer } from '../../src/sim/apiserver/server/server.ts';
import { serveDiscovery } from '../../src/sim/apiserver/wire/service-paths.ts';
import { createKernel, type Kernel } from '../../src/sim/kernel/kernel.ts';

export const CLONE_US = 10 * SECOND;
const RUNNING_US = 20 * SECOND;
export const GUEST_US = 30 * SECOND;
const SNAPSHOT_US = 2 * SECOND;

/** What becomes of an object instead of success. */
export type Fate = 'hangs' | 'fails' | undefined;

export interface ToyCluster {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly transport: Transport;
  send(method: Method, path: string, body?: unknown): KubeObject;
}

export function toyCluster(
  fate: (object: KubeObject) => Fate = () => undefined,
  plan: FaultPlan = {},
): ToyCluster {
  const kernel = createKernel();
  const server = createApiServer({ clock: kernel, rng: createRng(7) });
  serveDiscovery(server, () => kernel.wallUs());
  const transport = inProcessTransport(server, {
    clock: kernel,
    roundTripUs: 12_000,
    watchDelayUs: 50_000,
    faults: createFaults({ clock: kernel, rng: createRng(3), plan, server }),
  });
  const send: ToyCluster['send'] = (method, path, body) => {
    const contentType = method === 'PATCH' ? { contentType: MERGE } : {};
    const answer = server.handle({ method, path, body, ...contentType });
    if (answer instanceof Promise) throw new Error(`${path} is aggregated`);
    if (answer.status >= 400) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as KubeObject;
  };
  const toy = { kernel, server, transport, send };
  server.onCommit(({ event: { type, object } }) => {
    if (type === 'ADDED') later(toy, 0, () => born(toy, object, fate(object)));
    else if (type === 'DELETED') later(toy, SECOND, () => buried(toy, object));
    else if (object.kind === 'VirtualMachine') later(toy, 0, () => changed(toy, object, fate));
    else if (object.kind === 'Namespace') later(toy, SECOND, () => finalized(toy, object));
  });
  server.addAggregated('subresources.kubevirt.io', async ({ path }) => {
    const [, namespace, name, verb] =
      /namespaces\/(.*)\/virtualmachines\/(.*)\/(.*)$/.exec(path) ?? [];
    const ref = { namespace, name: name ?? '' };
    send('PATCH', objectPath(VIRTUAL_MACHINES, ref), { spec: { running: verb === 'start' } });
    return { status: 202, body: undefined };
  });
  return toy;
}

/** Of the guest of `vm-3`: 10.0.0.3. */
export function toyAddress(name: string): string {
  return `10.0.0.${/\d+$/.exec(name)?.[0] ?? 0}`;
}

const MERGE = 'application/merge-patch+json';

function later({ kernel }: ToyCluster, delayUs: number, act: () => void): void {
  kernel.schedule(delayUs, act);
}

function born(toy: ToyCluster, object: KubeObject, fate: Fate): void {
  switch (object.kind) {
    case 'DataVolume':
      return clone(toy, object, fate);
    case 'VolumeSnapshot':
      return later(toy, SNAPSHOT_US, () => setStatus(toy, SNAPSHOTS, object, { readyToUse: true }));
    case 'VirtualMachine':
      return provision(toy, object as VirtualMachine);
    case 'VirtualMachineInstance':
      return boot(toy, object, fate);
    default:
      return undefined;
  }
}

/** The instance of a VM that was switched on or off. */
function changed(toy: ToyCluster, vm: KubeObject, fate: (object: KubeObject) => Fate): void {
  const { spec, metadata } = vm as VirtualMachine;
  const vmi = toy.server.peek(VMIS, metadata.namespace, metadata.name);
  if (spec.running && !vmi && fate(vm) !== 'fails') {
    create(toy, VMIS, child(vm, VMIS, metadata.name, spec.template));
  }
  if (spec.running === false && vmi) toy.send('DELETE', objectPath(VMIS, metadata));
}

function provision(toy: ToyCluster, vm: VirtualMachine): void {
  for (const { metadata, spec } of vm.spec.dataVolumeTemplates ?? []) {
    const { name, labels } = metadata;
    create(toy, DATA_VOLUMES, child(vm, DATA_VOLUMES, name, { metadata: { labels }, spec }));
  }
  setStatus(toy, VIRTUAL_MACHINES, vm, { printableStatus: 'Provisioning' });
}

function clone(toy: ToyCluster, volume: KubeObject, fate: Fate): void {
  const { name, labels } = volume.metadata;
  const annotations = { 'cdi.kubevirt.io/cloneType': 'csi-clone' };
  const claim = child(volume, CLAIMS, name, {
    metadata: { labels, annotations },
    spec: CLAIM_SPEC,
  });
  create(toy, CLAIMS, claim);
  setStatus(toy, DATA_VOLUMES, volume, { phase: 'CloneScheduled' });
  if (fate === 'hangs') return;
  later(toy, CLONE_US, () => {
    if (fate === 'fails') return setStatus(toy, DATA_VOLUMES, volume, { phase: 'Failed' });
    setStatus(toy, CLAIMS, claim, { phase: 'Bound' });
    const conditions = [condition(toy, 'Bound'), condition(toy, 'Ready')];
    setStatus(toy, DATA_VOLUMES, volume, { phase: 'Succeeded', conditions });
  });
}

function boot(toy: ToyCluster, vmi: KubeObject, fate: Fate): void {
  const stamps: unknown[] = [];
  const enter = (phase: string, more: object = {}) => {
    stamps.push({ phase, phaseTransitionTimestamp: rfc3339(toy.kernel.wallUs()) });
    const status = { phase, phaseTransitionTimestamps: [...stamps], ...more };
    setStatus(toy, VMIS, vmi, status);
  };
  enter('Pending');
  const { name, labels } = vmi.metadata;
  const pod = child(vmi, PODS, `virt-launcher-${name}`, { metadata: { labels } });
  create(toy, PODS, { ...pod, spec: { nodeName: 'worker-1', containers: [{ name: 'compute' }] } });
  later(toy, SECOND, () => enter('Scheduling'));
  if (fate === 'hangs') return;
  const there = { nodeName: 'worker-1', interfaces: [{ ipAddress: toyAddress(name) }] };
  later(toy, RUNNING_US, () => enter(fate === 'fails' ? 'Failed' : 'Running', there));
  if (fate === 'fails') return;
  later(toy, GUEST_US, () =>
    setStatus(toy, VMIS, vmi, { conditions: [condition(toy, 'AgentConnected')] }),
  );
}

function finalized(toy: ToyCluster, namespace: KubeObject): void {
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const path = objectPath(NAMESPACES, namespace.metadata, 'finalize');
  toy.send('PUT', path, { ...namespace, spec: { finalizers: [] } });
}

/** Owned objects follow their owner, one second later. */
function buried(toy: ToyCluster, owner: KubeObject): void {
  for (const resource of [DATA_VOLUMES, CLAIMS, VMIS, PODS]) {
    const list = toy.send('GET', collectionPath(resource)) as unknown as { items: KubeObject[] };
    for (const { metadata } of list.items) {
      const owned = metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid);
      if (owned) toy.send('DELETE', objectPath(resource, metadata), { gracePeriodSeconds: 0 });
    }
  }
}

const CLAIM_SPEC = {
  accessModes: ['ReadWriteMany'],
  resources: { requests: { storage: '1Gi' } },
};

function child(owner: KubeObject, resource: Resource, name: string, rest: object): KubeObject {
  const { metadata = {}, ...body } = rest as { metadata?: object };
  const group = resource.group === '' ? '' : `${resource.group}/`;
  const { apiVersion, kind } = owner;
  const { uid = '', namespace = '' } = owner.metadata;
  const reference = { apiVersion, kind, name: owner.metadata.name, uid, controller: true };
  return {
    apiVersion: `${group}${resource.version}`,
    kind: resource.kind,
    ...body,
    metadata: { ...metadata, name, namespace, ownerReferences: [reference] },
  };
}

function create(toy: ToyCluster, resource: Resource, object: KubeObject): void {
  toy.send('POST', collectionPath(resource, object.metadata.namespace), object);
}

function setStatus(toy: ToyCluster, resource: Resource, object: KubeObject, status: object): void {
  // A VirtualMachineInstance has no status subresource, as in KubeVirt.
  const subresource = resource === VMIS ? undefined : 'status';
  toy.send('PATCH', objectPath(resource, object.metadata, subresource), { status });
}

function condition({ kernel }: ToyCluster, type: string) {
  return { type, status: 'True', lastTransitionTime: rfc3339(kernel.wallUs()) };
}
