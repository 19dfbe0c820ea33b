/** What every storage controller is given beside its chassis: Ceph, constants, copies of kinds. */

import type { Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  PODS,
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
import type { Parameters } from '../../../parameters/parameters.ts';
import type { ImageContent } from '../../hardware/content.ts';
import type { RbdCluster } from '../../hardware/rbd/cluster.ts';
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
  readonly parameters: Parameters;
  readonly rbd: RbdCluster;
  /** What importers find, by URL. */
  readonly importable: Importable;
  readonly faults: StorageFaults;
  readonly copies: Copies;
}

/** A copy of each kind, kept by list-watch. */
export type Copies = ReturnType<typeof startCopies>;

export interface LabOptions extends ChassisOptions {
  readonly clock: HardwareClock;
  readonly parameters: Parameters;
  readonly rbd: RbdCluster;
  readonly importable: Importable;
  readonly faults: StorageFaults;
  /** Called when every copy is complete, before any controller works. */
  readonly beforeWork?: (copies: Copies) => void;
}

export interface RunningLab extends RunningChassis {
  readonly lab: StorageLab;
}

export function createLab(options: LabOptions): RunningLab {
  const running = createChassis(options);
  const { chassis } = running;
  const { parameters, rbd, importable, faults, beforeWork } = options;
  const copies = startCopies(chassis);
  chassis.whenSynced(() => beforeWork?.(copies));
  const { clock } = options;
  return {
    ...running,
    lab: Object.assign(chassis, { clock, parameters, rbd, importable, faults, copies }),
  };
}

function startCopies({ informer }: Chassis) {
  return {
    dataVolumes: informer(DATA_VOLUMES),
    claims: informer(CLAIMS, { indexes: { uid: uidKeys, populator: populatorKeys } }),
    volumes: informer(VOLUMES, { indexes: { claim: claimKeysOfVolume } }),
    snapshots: informer(SNAPSHOTS),
    contents: informer(SNAPSHOT_CONTENTS),
    storageClasses: informer(STORAGE_CLASSES),
    snapshotClasses: informer(SNAPSHOT_CLASSES),
    profiles: informer(STORAGE_PROFILES),
    dataSources: informer(DATA_SOURCES),
    cloneSources: informer(VOLUME_CLONE_SOURCES),
    importSources: informer(VOLUME_IMPORT_SOURCES),
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
