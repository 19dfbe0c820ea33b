/** What every storage controller is given beside its chassis: Ceph, constants, copies of kinds. */

import type { Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  PODS,
  SERVICES,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOTS,
  STORAGE_CLASSES,
  STORAGE_PROFILES,
  VOLUME_CLONE_SOURCES,
  VOLUME_IMPORT_SOURCES,
  VOLUMES,
} from '../../../api/resources.ts';
import type {
  DataVolume,
  PersistentVolume,
  PersistentVolumeClaim,
  VolumeSnapshot,
} from '../../../api/storage.ts';
import type { Transport } from '../../../api/transport.ts';
import type { Rng } from '../../../core/rng.ts';
import { type ClientOptions, createClient, type KubeClient } from '../../../kube/client.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { ImageContent } from '../../hardware/storage/content.ts';
import type { StorageDriver } from '../../hardware/storage/csi.ts';
import type { HardwareClock } from '../../hardware/rbd/manager.ts';
import {
  type Chassis,
  type ChassisOptions,
  createChassis,
  type RunningChassis,
} from '../chassis/chassis.ts';
import type { StorageFaults } from './faults.ts';
import { populatorSourceKey } from './populators.ts';

/** What importers find, by the URL of an http or registry source. */
export type Importable = Pick<ReadonlyMap<string, ImageContent>, 'get'>;

export interface StorageLab extends Chassis {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly driver: StorageDriver;
  /** What importers find, by URL. */
  readonly importable: Importable;
  readonly faults: StorageFaults;
  readonly copies: Copies;
  /** Tells this run of the controllers from others. */
  readonly processUuid: string;
  /** The client of a component, whose requests are told under its name. */
  clientAs(component: string, options?: ClientOptions): KubeClient;
  readonly onRequest: RequestListener | undefined;
}

/** Told of each request of a component, with the status once it is answered. */
export type RequestListener = (
  component: string,
  request: { readonly method: string; readonly path: string; readonly status?: number },
) => void;

/** A copy of each kind, kept by list-watch. */
export type Copies = ReturnType<typeof startCopies>;

export interface LabOptions extends ChassisOptions {
  readonly clock: HardwareClock;
  readonly parameters: Parameters;
  readonly driver: StorageDriver;
  readonly importable: Importable;
  readonly faults: StorageFaults;
  readonly onRequest?: RequestListener | undefined;
  /** Called when every copy is complete, before any controller works. */
  readonly beforeWork?: (copies: Copies) => void;
}

export interface RunningLab extends RunningChassis {
  readonly lab: StorageLab;
}

export function createLab(options: LabOptions): RunningLab {
  const running = createChassis(options);
  const { chassis } = running;
  const { parameters, driver, importable, faults, beforeWork } = options;
  const copies = startCopies(chassis);
  chassis.whenSynced(() => beforeWork?.(copies));
  const { clock, rng, transport, onRequest } = options;
  const clientAs = (component: string, clientOptions?: ClientOptions) =>
    createClient(toldTo(onRequest, component, transport), {
      ...clientOptions,
      ...(options.creditsWriters && { fieldManager: component }),
    });
  const processUuid = rng.fork('process').uuid();
  const own = { clock, rng, parameters, driver, importable, faults, copies, processUuid };
  return { ...running, lab: Object.assign(chassis, own, { clientAs, onRequest }) };
}

function toldTo(
  listener: RequestListener | undefined,
  component: string,
  transport: Transport,
): Transport {
  if (!listener) return transport;
  return {
    ...transport,
    async request(request) {
      const response = await transport.request(request);
      const { method, path } = request;
      listener(component, { method, path, status: response.status });
      return response;
    },
  };
}

function startCopies({ informer }: Chassis) {
  return {
    dataVolumes: informer(DATA_VOLUMES, { indexes: { source: sourceKeysOfDataVolume } }),
    claims: informer(CLAIMS, {
      indexes: { uid: uidKeys, populator: populatorKeys, dataSource: dataSourceKeys },
    }),
    volumes: informer(VOLUMES, { indexes: { claim: claimKeysOfVolume } }),
    snapshots: informer(SNAPSHOTS, { indexes: { source: sourceKeysOfSnapshot } }),
    contents: informer(SNAPSHOT_CONTENTS),
    storageClasses: informer(STORAGE_CLASSES),
    snapshotClasses: informer(SNAPSHOT_CLASSES),
    profiles: informer(STORAGE_PROFILES),
    dataSources: informer(DATA_SOURCES),
    cloneSources: informer(VOLUME_CLONE_SOURCES),
    importSources: informer(VOLUME_IMPORT_SOURCES),
    services: informer(SERVICES),
    pods: informer(PODS, { indexes: { claim: claimKeysOfPod } }),
  } as const;
}

function uidKeys(object: KubeObject): readonly string[] {
  return [object.metadata.uid ?? ''];
}

function populatorKeys(claim: PersistentVolumeClaim): readonly string[] {
  const key = populatorSourceKey(claim);
  return key === undefined ? [] : [key];
}

/** `Kind namespace/name` of what a DataVolume names as its source. */
function sourceKeysOfDataVolume({ metadata, spec }: DataVolume): readonly string[] {
  const home = metadata.namespace;
  const { source, sourceRef } = spec;
  if (source?.pvc) return [`pvc ${source.pvc.namespace ?? home}/${source.pvc.name}`];
  if (source?.snapshot) {
    return [`snapshot ${source.snapshot.namespace ?? home}/${source.snapshot.name}`];
  }
  return sourceRef ? [`DataSource ${sourceRef.namespace ?? home}/${sourceRef.name}`] : [];
}

function dataSourceKeys({ metadata, spec }: PersistentVolumeClaim): readonly string[] {
  const name = (spec.dataSourceRef ?? spec.dataSource)?.name;
  return name === undefined ? [] : [`${metadata.namespace}/${name}`];
}

function sourceKeysOfSnapshot({ metadata, spec }: VolumeSnapshot): readonly string[] {
  const name = spec.source.persistentVolumeClaimName;
  return name === undefined ? [] : [`${metadata.namespace}/${name}`];
}

function claimKeysOfVolume({ spec }: PersistentVolume): readonly string[] {
  return spec.claimRef ? [`${spec.claimRef.namespace}/${spec.claimRef.name}`] : [];
}

function claimKeysOfPod({ metadata, spec }: Pod): readonly string[] {
  const keys: string[] = [];
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (persistentVolumeClaim) {
      keys.push(`${metadata.namespace}/${persistentVolumeClaim.claimName}`);
    }
  }
  return keys;
}
