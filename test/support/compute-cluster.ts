/**
 * A cluster with the compute controllers alone. A stand-in for the storage side gives every
 * DataVolume a bound claim and a volume at once, so that boots can be tested without clones.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/compute.ts';
import type { Condition, KubeObject } from '../../src/api/object.ts';
import { VMIS, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import type { Transport } from '../../src/api/transport.ts';
import { SECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { createClient, type KubeClient } from '../../src/kube/client.ts';
import type { GuestProfile } from '../../src/parameters/guests.ts';
import {
  type ParameterOverrides,
  type Parameters,
  resolveParameters,
} from '../../src/parameters/parameters.ts';
import type { Release } from '../../src/parameters/release.ts';
import { inProcessTransport, watchDelay } from '../../src/sim/apiserver/in-process.ts';
import { type ApiServer, createApiServer } from '../../src/sim/apiserver/server/server.ts';
import { kubeVirtAdmission } from '../../src/sim/controllers/compute/vm-admission.ts';
import {
  type ComputeControllers,
  type ComputeControllersOptions,
  startComputeControllers,
} from '../../src/sim/controllers/start-compute.ts';
import type { VolumeContents } from '../../src/sim/hardware/storage/content.ts';
import { nodeObjects } from '../../src/sim/hardware/node/node-objects.ts';
import { createKernel, type Kernel } from '../../src/sim/kernel/kernel.ts';

export const NAMESPACE = 'default';
const DRIVER = 'openshift-storage.rbd.csi.ceph.com';

export interface ComputeCluster {
  readonly options: ComputeControllersOptions;
  readonly clock: Kernel;
  readonly server: ApiServer;
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly parameters: Parameters;
  readonly controllers: ComputeControllers;
  /** Bytes written by guests, by volume handle. */
  readonly written: ReadonlyMap<string, number>;
  /** Questions for rights that the server was asked. */
  readonly reviews: { readonly asked: number };
  /** What the controllers could not do at the first try. */
  readonly errors: readonly string[];
}

export interface ClusterSettings {
  readonly seed?: number;
  readonly overrides?: ParameterOverrides;
  readonly release?: Release;
  /** What boots from the volume of this handle. */
  readonly guestOf?: (volumeHandle: string) => GuestProfile | undefined;
  readonly controllers?: Partial<ComputeControllersOptions>;
  /** Whether service accounts may clone from other namespaces; they may where it is absent. */
  readonly mayClone?: boolean;
  /** Puts something between the controllers and the server. */
  readonly wrap?: (transport: Transport) => Transport;
}

export function startComputeCluster(settings: ClusterSettings = {}): ComputeCluster {
  const clock = createKernel();
  const rng = createRng(settings.seed ?? 1);
  const parameters = resolveParameters(settings.overrides, settings.release);
  const server = createApiServer({ clock, rng });
  for (const rule of kubeVirtAdmission(parameters)) server.addAdmission(rule);
  const { api } = parameters;
  const way = { clock, roundTripUs: api.roundTripUs, watchDelayUs: watchDelay(api, rng) };
  const transport = inProcessTransport(server, way);
  for (const node of nodeObjects(parameters, clock.wallUs())) server.seed(node);
  const written = new Map<string, number>();
  const reviews = { asked: 0 };
  const errors: string[] = [];
  const contents: VolumeContents = {
    contentOf: (handle) => ({ key: 'test', dataBytes: 0, guest: settings.guestOf?.(handle) }),
    wrote: (handle, bytes) => {
      written.set(handle, (written.get(handle) ?? 0) + bytes);
    },
  };
  const options: ComputeControllersOptions = {
    clock,
    rng,
    parameters,
    transport: settings.wrap?.(transport) ?? transport,
    contents,
    asksForClones: true,
    onError: (error, where) => errors.push(`${where}: ${String(error)}`),
    ...settings.controllers,
  };
  const controllers = startComputeControllers(options);
  server.addAggregated('subresources.kubevirt.io', controllers.subresources);
  for (const [resource, gate] of controllers.gates) server.addGate(resource, gate);
  server.addAggregated('authorization.k8s.io', async () => {
    reviews.asked += 1;
    return { status: 201, body: { status: { allowed: settings.mayClone ?? true } } };
  });
  const client = createClient(transport);
  return {
    reviews,
    options,
    clock,
    server,
    transport,
    client,
    parameters,
    controllers,
    written,
    errors,
  };
}

/** Gives each new DataVolume a bound claim and a volume, and says that it succeeded. */
export function standInForStorage(
  { server, clock }: ComputeCluster,
  accessMode = 'ReadWriteMany',
): void {
  server.onCommit(({ event }) => {
    const { object, type } = event;
    if (type !== 'ADDED' || object.kind !== 'DataVolume' || object.status) return;
    clock.schedule(1000, () => {
      const { namespace = NAMESPACE, name } = object.metadata;
      seedDisk(server, namespace, name, object, accessMode);
      void server.handle({
        method: 'PUT',
        path: `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/${name}/status`,
        body: { ...object, status: { phase: 'Succeeded', progress: '100.0%' } },
      });
    });
  });
}

/** A bound claim and its volume, whose handle is `handle-NAME`. */
function seedDisk(
  server: ApiServer,
  namespace: string,
  name: string,
  owner: KubeObject,
  accessMode = 'ReadWriteMany',
): void {
  const volumeName = `pvc-${name}`;
  server.seed({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName },
    spec: {
      accessModes: [accessMode],
      volumeMode: 'Block',
      csi: { driver: DRIVER, volumeHandle: `handle-${name}` },
      claimRef: { namespace, name },
    },
    status: { phase: 'Bound' },
  });
  const ownerReferences = [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? '',
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
  server.seed({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, ownerReferences },
    spec: { volumeName, accessModes: [accessMode], volumeMode: 'Block' },
    status: { phase: 'Bound', accessModes: [accessMode] },
  });
}

/** A claim, a volume and a DataVolume that has succeeded. */
export function seedSucceeded(server: ApiServer, namespace: string, name: string): void {
  const disk = server.seed({
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, namespace },
    spec: { source: { blank: {} } },
    status: { phase: 'Succeeded', progress: '100.0%' },
  });
  seedDisk(server, namespace, name, disk);
}

export interface VmSettings {
  readonly runStrategy?: VirtualMachine['spec']['runStrategy'];
  readonly memory?: string;
  readonly tpm?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A VM with one root disk `root-NAME` from a template, halted unless told otherwise. */
export function vmObject(name: string, settings: VmSettings = {}): VirtualMachine {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      runStrategy: settings.runStrategy ?? 'Halted',
      dataVolumeTemplates: [
        { metadata: { name: `root-${name}` }, spec: { source: { blank: {} } } },
      ],
      template: {
        metadata: { labels: { 'kubevirt.io/size': 'small', ...settings.labels } },
        spec: {
          domain: {
            cpu: { cores: 1, sockets: 2, threads: 1 },
            memory: { guest: settings.memory ?? '4Gi' },
            devices: {
              disks: [{ name: 'root', disk: { bus: 'virtio' } }],
              interfaces: [{ name: 'default', masquerade: {} }],
              ...(settings.tpm ? { tpm: {} } : {}),
            },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [{ name: 'root', dataVolume: { name: `root-${name}` } }],
        },
      },
    },
  };
}

export type SubresourceAction = 'start' | 'stop' | 'restart' | 'pause' | 'unpause';

/** The HTTP status that virt-api answers, and the message where it is a failure. */
export async function ask(
  { client }: ComputeCluster,
  name: string,
  action: SubresourceAction,
  body: unknown = {},
): Promise<readonly [number, string]> {
  const plural = action.endsWith('pause') ? 'virtualmachineinstances' : 'virtualmachines';
  const base = `/apis/subresources.kubevirt.io/v1/namespaces/${NAMESPACE}`;
  try {
    const path = `${base}/${plural}/${name}/${action}`;
    const answer = await client.raw({ method: 'PUT', path, body });
    return [answer.status, ''];
  } catch (error) {
    if (error instanceof ApiError) return [error.code, error.status?.message ?? ''];
    throw error;
  }
}

/** Waits, a second at a time, until `holds`; throws after ten simulated minutes. */
export async function until(
  { clock }: ComputeCluster,
  what: string,
  holds: () => boolean,
): Promise<void> {
  for (let second = 0; second < 600; second++) {
    if (holds()) return;
    await clock.sleep(SECOND);
  }
  throw new Error(`ten minutes have passed without ${what}`);
}

/** A VM as the server has it now. */
export function vmOf({ server }: ComputeCluster, name: string): VirtualMachine | undefined {
  return server.peek(VIRTUAL_MACHINES, NAMESPACE, name);
}

export function vmiOf(
  { server }: ComputeCluster,
  name: string,
): VirtualMachineInstance | undefined {
  return server.peek(VMIS, NAMESPACE, name);
}

export function hasCondition(object: KubeObject | undefined, type: string): boolean {
  const status = object?.status as { readonly conditions?: readonly Condition[] } | undefined;
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
}

/** The distinct values that `tell` gives for an object of this kind and name, in order. */
export function follow(
  { server }: ComputeCluster,
  kind: string,
  name: string,
  tell: (object: KubeObject) => string | undefined,
): readonly string[] {
  const told: string[] = [];
  server.onCommit(({ event }) => {
    const { object, type } = event;
    if (object.kind !== kind || !object.metadata.name.startsWith(name)) return;
    const value = type === 'DELETED' ? 'gone' : tell(object);
    if (value !== undefined && value !== told.at(-1)) told.push(value);
  });
  return told;
}
