/**
 * What every storage controller is given: time, hardware, the API, and one copy of each kind. The
 * controllers of this folder live in one process and share their informers; each component has
 * clients of its own, because rate limits are per component.
 */

import type { Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  PODS,
  type Resource,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOTS,
  STORAGE_CLASSES,
  STORAGE_PROFILES,
  VOLUME_CLONE_SOURCES,
  VOLUME_IMPORT_SOURCES,
  VOLUMES,
} from '../../../api/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import type { Transport } from '../../../api/transport.ts';
import type { Rng } from '../../../core/rng.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { type ClientOptions, createClient, type KubeClient } from '../../../kube/client.ts';
import {
  type Controller,
  type ControllerOptions,
  startController,
} from '../../../kube/controller.ts';
import { type Informer, startInformer } from '../../../kube/informer.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { ImageContent } from '../../hardware/content.ts';
import type { RbdCluster } from '../../hardware/rbd/cluster.ts';
import type { HardwareClock } from '../../hardware/rbd/manager.ts';
import { createFreeRecorder, type EventRecorder } from './event-recorder.ts';
import type { StorageFaults } from './faults.ts';
import { populatorSourceKey } from './populators.ts';

/** What importers find, by the URL of an http or registry source. */
export type Importable = Pick<ReadonlyMap<string, ImageContent>, 'get'>;

export interface StorageLab {
  readonly clock: HardwareClock;
  readonly parameters: Parameters;
  readonly rbd: RbdCluster;
  /** What importers find, by URL. */
  readonly importable: Importable;
  readonly faults: StorageFaults;
  readonly recordEvents: boolean;
  readonly copies: Copies;
  client(options?: ClientOptions): KubeClient;
  /** A controller that starts working once every copy is complete. */
  controller(options: Omit<ControllerOptions, 'clock' | 'onError'>): Controller;
  recorder(component: string): EventRecorder;
  /** Now, as a metav1.Time. */
  stamp(): string;
  report(error: unknown, where: string): void;
}

/** A copy of each kind, kept by list-watch. */
export type Copies = ReturnType<typeof startCopies>;

export interface LabOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  readonly rbd: RbdCluster;
  readonly importable: Importable;
  readonly faults: StorageFaults;
  readonly recordEvents: boolean;
  readonly onError: ((error: unknown, where: string) => void) | undefined;
  /** Called when every copy is complete, before any controller works. */
  readonly beforeWork?: (copies: Copies) => void;
}

export interface RunningLab {
  readonly lab: StorageLab;
  readonly synced: Promise<void>;
  stop(): void;
}

export function createLab(options: LabOptions): RunningLab {
  const { clock, transport } = options;
  const controllers: Controller[] = [];
  const report = (error: unknown, where: string) => options.onError?.(error, where);
  const copies = startCopies(options, createClient(transport), report);
  const informers: readonly Informer<KubeObject>[] = Object.values(copies) as never;
  let isSynced = false;
  const synced = Promise.all(informers.map((informer) => informer.synced)).then(() => {
    options.beforeWork?.(copies);
    isSynced = true;
  });
  const lab: StorageLab = {
    ...options,
    copies,
    client: (clientOptions) => createClient(transport, clientOptions),
    controller({ reconcile, ...rest }) {
      const controller = startController({
        ...rest,
        clock,
        reconcile: (key) => (isSynced ? reconcile(key) : synced.then(() => reconcile(key))),
        onError: (error, key) => report(error, `${rest.name} ${key}`),
      });
      controllers.push(controller);
      return controller;
    },
    recorder: (component) =>
      createFreeRecorder(createClient(transport), clock, component, options.recordEvents),
    stamp: () => rfc3339(clock.wallUs()),
    report,
  };
  return {
    lab,
    synced,
    stop() {
      for (const informer of informers) informer.stop();
      for (const controller of controllers) controller.stop();
    },
  };
}

function startCopies(
  options: LabOptions,
  client: KubeClient,
  report: (error: unknown, where: string) => void,
) {
  const { clock, rng } = options;
  const copy = <T extends KubeObject>(
    resource: Resource<T>,
    indexes: Readonly<Record<string, (object: T) => readonly string[]>> = {},
  ): Informer<T> =>
    startInformer({
      client,
      clock,
      rng: rng.fork(`watch ${resource.plural}`),
      resource,
      indexes,
      onError: (error, key) =>
        report(error, key === undefined ? resource.plural : `${resource.plural} ${key}`),
    });
  return {
    dataVolumes: copy(DATA_VOLUMES),
    claims: copy(CLAIMS, { uid: uidKeys, populator: populatorKeys }),
    volumes: copy(VOLUMES, { claim: claimKeysOfVolume }),
    snapshots: copy(SNAPSHOTS),
    contents: copy(SNAPSHOT_CONTENTS),
    storageClasses: copy(STORAGE_CLASSES),
    snapshotClasses: copy(SNAPSHOT_CLASSES),
    profiles: copy(STORAGE_PROFILES),
    dataSources: copy(DATA_SOURCES),
    cloneSources: copy(VOLUME_CLONE_SOURCES),
    importSources: copy(VOLUME_IMPORT_SOURCES),
    pods: copy(PODS, { claim: claimKeysOfPod }),
  } as const;
}

function uidKeys(object: KubeObject): readonly string[] {
  return [object.metadata.uid ?? ''];
}

function populatorKeys(claim: PersistentVolumeClaim): readonly string[] {
  const key = populatorSourceKey(claim);
  return key === undefined ? [] : [key];
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
