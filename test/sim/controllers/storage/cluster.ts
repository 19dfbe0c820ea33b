/** The storage half of the simulated cluster, and nodes for its pods, in virtual time. */

import type { KubeObject } from '../../../../src/api/object.ts';
import { CLAIMS, DATA_VOLUMES, SNAPSHOTS } from '../../../../src/api/resources.ts';
import type {
  DataVolume,
  DataVolumeSource,
  PersistentVolumeClaim,
  StorageClass,
  VolumeSnapshot,
  VolumeSnapshotClass,
} from '../../../../src/api/storage.ts';
import type { Transport } from '../../../../src/api/transport.ts';
import { MIB } from '../../../../src/core/bytes.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import { createRng, type Rng } from '../../../../src/core/rng.ts';
import { createClient, type KubeClient } from '../../../../src/kube/client.ts';
import {
  type ParameterOverrides,
  type Parameters,
  resolveParameters,
} from '../../../../src/parameters/parameters.ts';
import type { Release } from '../../../../src/parameters/release.ts';
import { inProcessTransport, watchDelay } from '../../../../src/sim/apiserver/in-process.ts';
import { type ApiServer, createApiServer } from '../../../../src/sim/apiserver/server/server.ts';
import { dataVolumeAdmission } from '../../../../src/sim/controllers/storage/cdi/data-volume-admission.ts';
import type { RequestListener } from '../../../../src/sim/controllers/storage/lab.ts';
import type { StorageFaults } from '../../../../src/sim/controllers/storage/faults.ts';
import { PROTECTION_ADMISSION } from '../../../../src/sim/controllers/storage/protection.ts';
import { startComputeControllers } from '../../../../src/sim/controllers/start-compute.ts';
import {
  type StorageControllerName,
  type StorageControllers,
  startStorageControllers,
} from '../../../../src/sim/controllers/start-storage.ts';
import { nodeObjects } from '../../../../src/sim/hardware/node/node-objects.ts';
import type { ImageContent } from '../../../../src/sim/hardware/storage/content.ts';
import { createRbdCluster, type RbdCluster } from '../../../../src/sim/hardware/rbd/cluster.ts';
import { createKernel, type Kernel } from '../../../../src/sim/kernel/kernel.ts';

const DRIVER = 'openshift-storage.rbd.csi.ceph.com';
export const CLASS = 'ocs-storagecluster-ceph-rbd-virtualization';
const SNAPSHOT_CLASS = 'ocs-storagecluster-rbdplugin-snapclass';
export const IMAGE_URL = 'http://images.example/rhel9.qcow2';
export const RHEL9: ImageContent = { key: 'rhel9', dataBytes: 4377 * MIB, guest: undefined };

export interface StorageCluster {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly rbd: RbdCluster;
  readonly client: KubeClient;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly errors: string[];
  readonly controllers: StorageControllers;
  /** Ends the controllers and starts them anew, on the same server and the same Ceph. */
  restart(): void;
  /** Resolves when the stored object satisfies; looks at every commit. */
  until<T extends KubeObject>(
    resource: typeof DATA_VOLUMES | typeof CLAIMS | typeof SNAPSHOTS,
    name: string,
    test: (object: T | undefined) => boolean,
  ): Promise<void>;
}

export interface ClusterOptions {
  readonly seed?: number;
  readonly overrides?: ParameterOverrides;
  readonly faults?: StorageFaults;
  readonly recordEvents?: boolean;
  readonly release?: Release;
  /** What every request takes on top at this moment. */
  readonly extraDelayUs?: (nowUs: number) => number;
  readonly onRequest?: RequestListener;
  readonly without?: readonly StorageControllerName[];
  /** Whether CDI's webhooks ask before a DataVolume is written. */
  readonly webhooks?: boolean;
}

/** What is asked of CDI's controllers alone, and what was recorded of them. */
const WITHOUT_WEBHOOKS: readonly StorageControllerName[] = ['cdi-apiserver'];

export function createStorageCluster(options: ClusterOptions = {}): StorageCluster {
  const kernel = createKernel();
  const rng = createRng(options.seed ?? 1);
  const parameters = resolveParameters(options.overrides, options.release);
  const server = createApiServer({ clock: kernel, rng });
  for (const rule of [...PROTECTION_ADMISSION, dataVolumeAdmission]) server.addAdmission(rule);
  server.seed(storageClass(CLASS));
  server.seed(snapshotClass());
  for (const node of nodeObjects(parameters, kernel.wallUs())) server.seed(node);
  const { api } = parameters;
  const way = { clock: kernel, roundTripUs: api.roundTripUs, watchDelayUs: watchDelay(api, rng) };
  const direct = inProcessTransport(server, way);
  const transport = slowed(direct, kernel, options.extraDelayUs);
  const rbd = createRbdCluster({ clock: kernel, rng: rng.fork('rbd'), parameters });
  const errors: string[] = [];
  const start = () => {
    const started = startStorageControllers({
      clock: kernel,
      without: [...(options.without ?? []), ...(options.webhooks ? [] : WITHOUT_WEBHOOKS)],
      rng,
      parameters,
      transport,
      driver: rbd,
      images: new Map([[IMAGE_URL, RHEL9]]),
      recordEvents: options.recordEvents ?? false,
      ...(options.onRequest && { onRequest: options.onRequest }),
      onError: (error, where) => errors.push(`${where}: ${String(error)}`),
      ...(options.faults ? { faults: options.faults } : {}),
    });
    for (const [resource, gate] of started.gates) server.addGate(resource, gate);
    const nodes = startComputeControllers({
      clock: kernel,
      rng,
      parameters,
      transport,
      contents: rbd,
      programs: started.programs,
      without: ['virt-controller', 'garbage-collector', 'namespaces', 'node-lifecycle'],
      onError: (error, where) => errors.push(`${where}: ${String(error)}`),
    });
    const stop = () => {
      started.stop();
      nodes.stop();
    };
    return { ...started, stop };
  };
  let controllers = start();
  return {
    kernel,
    server,
    rbd,
    rng,
    parameters,
    errors,
    client: createClient(transport),
    get controllers() {
      return controllers;
    },
    restart() {
      controllers.stop();
      controllers = start();
    },
    until: (resource, name, test) =>
      new Promise((resolve) => {
        const look = () => test(server.peek(resource as never, 'default', name) as never);
        if (look()) return resolve();
        let done = false;
        server.onCommit(({ event }, { resource: { plural } }) => {
          if (done || plural !== resource.plural || event.object.metadata.name !== name) return;
          if (!look()) return;
          done = true;
          kernel.schedule(0, resolve);
        });
      }),
  };
}

function slowed(
  transport: Transport,
  kernel: Kernel,
  extraDelayUs: ((nowUs: number) => number) | undefined,
): Transport {
  if (!extraDelayUs) return transport;
  return {
    ...transport,
    async request(request) {
      const delayUs = extraDelayUs(kernel.nowUs());
      if (delayUs > 0) await kernel.sleep(delayUs);
      return transport.request(request);
    },
  };
}

export function storageClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: DRIVER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
    ...more,
  };
}

function snapshotClass(): VolumeSnapshotClass {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: SNAPSHOT_CLASS },
    driver: DRIVER,
    deletionPolicy: 'Delete',
  };
}

export function dataVolume(name: string, source: DataVolumeSource, size = '22Gi'): DataVolume {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, namespace: 'default' },
    spec: {
      source,
      storage: {
        storageClassName: CLASS,
        accessModes: ['ReadWriteMany'],
        volumeMode: 'Block',
        resources: { requests: { storage: size } },
      },
    },
  };
}

export function volumeSnapshot(name: string, claim: string): VolumeSnapshot {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: 'default' },
    spec: {
      source: { persistentVolumeClaimName: claim },
      volumeSnapshotClassName: SNAPSHOT_CLASS,
    },
  };
}

export function succeeded(object: DataVolume | undefined): boolean {
  return object?.status?.phase === 'Succeeded';
}

/** Imports `golden` and takes `golden-snapshot` of it. */
export async function prepareGolden(cluster: StorageCluster): Promise<void> {
  const { client, until, controllers } = cluster;
  await controllers.synced;
  await client.create(DATA_VOLUMES, dataVolume('golden', { http: { url: IMAGE_URL } }));
  await until(DATA_VOLUMES, 'golden', succeeded);
  await until<PersistentVolumeClaim>(CLAIMS, 'golden', (claim) => claim?.status?.phase === 'Bound');
  await client.create(SNAPSHOTS, volumeSnapshot('golden-snapshot', 'golden'));
  await until<VolumeSnapshot>(
    SNAPSHOTS,
    'golden-snapshot',
    (snapshot) => snapshot?.status?.readyToUse === true,
  );
}

export interface WaveResult {
  readonly meanSeconds: number;
  readonly maxSeconds: number;
  readonly makespanSeconds: number;
}

/** Clones `size` volumes, starts uniform over 2 s, and waits for all of them. */
export async function cloneWave(
  { kernel, client, server, rng }: StorageCluster,
  name: string,
  source: DataVolumeSource,
  size = 100,
): Promise<WaveResult> {
  const startUs = kernel.nowUs();
  const createdUs = new Map<string, number>();
  const spans: number[] = [];
  const stream = rng.fork(`wave ${name}`);
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  server.onCommit(({ event }, { resource }) => {
    if (resource.plural !== 'datavolumes') return;
    const { object, type } = event;
    const key = object.metadata.name;
    if (!key.startsWith(`${name}-`)) return;
    if (type === 'ADDED') createdUs.set(key, kernel.nowUs());
    const began = createdUs.get(key);
    if (began === undefined || !succeeded(object as DataVolume)) return;
    createdUs.delete(key);
    spans.push((kernel.nowUs() - began) / SECOND);
    if (spans.length === size) kernel.schedule(0, finish);
  });
  for (let i = 0; i < size; i++) {
    kernel.schedule(seconds(stream.uniform(0, 2)), () => {
      void client.create(DATA_VOLUMES, dataVolume(`${name}-${i}`, source));
    });
  }
  await finished;
  return {
    meanSeconds: spans.reduce((sum, span) => sum + span, 0) / size,
    maxSeconds: Math.max(...spans),
    makespanSeconds: (kernel.nowUs() - startUs) / SECOND,
  };
}
