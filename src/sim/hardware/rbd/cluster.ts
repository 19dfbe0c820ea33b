/**
 * One Ceph cluster as far as block volumes are concerned: images, monitor, manager and pool behind
 * ceph-csi. Its state outlives waves and controllers: the trash snapshots that one wave leaves on a
 * golden image are what the next wave runs into.
 */

import type { Rng } from '../../../core/rng.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { DriverTraits, StorageDriver } from '../storage/csi.ts';
import { adoptFindings } from './adopt.ts';
import { createCsiController, type CsiJournal } from './ceph-csi.ts';
import { uuidOfHandle } from './handle.ts';
import { createFifoLock } from './fifo-lock.ts';
import { fillImage, type ImageStore, type RbdImage, writeFirst } from './image.ts';
import { createCommandThread, createTaskThread, type HardwareClock } from './manager.ts';
import { createMonitor } from './monitor.ts';
import { createPool } from './pool.ts';
import { restoreImages, type SavedRbd, saveImages } from './saved.ts';
import { cephFamilies } from './ceph-metrics.ts';
import type { Counters } from './counters.ts';
import { createFlattener, type Flattener } from './tasks.ts';

export interface RbdClusterOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Pick<Parameters, 'rbd' | 'monitor' | 'manager' | 'pool'>;
  /** What a cluster before this one held. */
  readonly saved?: SavedRbd;
}

interface RbdCounters {
  readonly flattens: number;
  readonly resourceExhausted: number;
  readonly aborted: number;
  readonly managerCommands: number;
}

export interface RbdCluster extends StorageDriver {
  counters(): RbdCounters & Readonly<Record<string, number>>;
  /** Snapshots that count against the limits of the volume's image, trash included. */
  snapshotsOn(volumeHandle: string): number;
  /** All it holds, for a cluster after this one. */
  save(): SavedRbd;
}

/** As ODF sets it up, with Rook's secrets, and as CDI v1.58.4 knows it. */
export const RBD_TRAITS: DriverTraits = {
  name: 'openshift-storage.rbd.csi.ceph.com',
  bindingMode: 'Immediate',
  expands: true,
  takesSnapshots: true,
  classParameters: {
    clusterID: 'openshift-storage',
    pool: 'ocs-storagecluster-cephblockpool',
    imageFeatures: 'layering,deep-flatten,exclusive-lock,object-map,fast-diff',
    mapOptions: 'krbd:rxbounce',
  },
  secret: { name: 'rook-csi-rbd-provisioner', namespace: 'openshift-storage' },
  cloneStrategy: 'csi-clone',
  sourceFormat: 'snapshot',
  claimPropertySets: [
    { accessModes: ['ReadWriteMany'], volumeMode: 'Block' },
    { accessModes: ['ReadWriteOnce'], volumeMode: 'Block' },
    { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' },
  ],
};

export function createRbdCluster(options: RbdClusterOptions): RbdCluster {
  const { clock, rng, parameters } = options;
  const counters: Counters = { flattens: 0, resourceExhausted: 0, aborted: 0 };
  const commands = createCommandThread(clock, parameters.manager.commandTimeUs);
  const tasks = createTaskThread(clock);
  const images = new Map<string, RbdImage>();
  const store: ImageStore = {
    images,
    pool: createPool(),
    objectSizeBytes: parameters.rbd.objectSizeBytes,
    createLock: createFifoLock,
    released: (image) => flattener.addRemoval(image),
  };
  const flattener = createFlattener({ store, tasks, counters, parameters, rng: rng.fork('tasks') });
  const monitor = createMonitor(clock, parameters.monitor);
  const journal: CsiJournal = {
    volumes: new Map(options.saved?.volumes),
    snapshots: new Map(options.saved?.snapshots),
  };
  if (options.saved) restore(store, flattener, options.saved);
  const imageOf = (handle: string) => images.get(`csi-vol-${uuidOfHandle(handle)}`);
  return {
    traits: RBD_TRAITS,
    csi: createCsiController({
      clock,
      rng: rng.fork('csi'),
      parameters: parameters.rbd,
      store,
      monitor,
      commands,
      flattener,
      counters,
      journal,
    }),
    pool: store.pool,
    counters: () => ({ ...counters, managerCommands: commands.answered }),
    families: () =>
      cephFamilies({ pool: store.pool, size: parameters.pool, tasks, commands, counters }),
    contentOf: (handle) => imageOf(handle)?.content,
    wrote(handle, bytes) {
      const image = imageOf(handle);
      if (image) writeFirst(store, image, bytes, parameters.rbd.writePerObjectBytes);
    },
    fill(handle, content) {
      const image = imageOf(handle);
      if (image) fillImage(store, image, content);
    },
    snapshotsOn: (handle) => imageOf(handle)?.snapshots.size ?? 0,
    adopt: (found) => adoptFindings(store, journal, found),
    save: () => ({
      images: saveImages(store),
      tasks: tasks.pending(),
      volumes: [...journal.volumes],
      snapshots: [...journal.snapshots],
    }),
  };
}

function restore(store: ImageStore, flattener: Flattener, saved: SavedRbd): void {
  restoreImages(store, saved.images);
  for (const { kind, imageName } of saved.tasks) {
    const image = store.images.get(imageName);
    if (!image) continue;
    if (kind === 'flatten') flattener.addFlatten(image);
    else flattener.addRemoval(image);
  }
}
