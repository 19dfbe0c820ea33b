/**
 * The storage half of the simulated cluster: CDI, the CSI sidecars, the snapshot controller and
 * the volume controllers of Kubernetes. All are ordinary clients of the API; stopping them and
 * starting them again loses nothing, since what they know is in objects or in Ceph.
 */

import type { CephCluster } from '../../api/ceph.ts';
import type { Transport } from '../../api/transport.ts';
import type { Rng } from '../../core/rng.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import type { Programs } from '../hardware/node/programs.ts';
import type { StorageDriver } from '../hardware/storage/csi.ts';
import type { HardwareClock } from '../hardware/rbd/manager.ts';
import { cephCapacity } from '../hardware/rbd/pool.ts';
import type { MetricFamily } from '../monitoring/family.ts';
import { queueFamilies } from './queue-metrics.ts';
import { startBinder } from './storage/binder.ts';
import { type Cdi, createCdi } from './storage/cdi/cdi.ts';
import { startCdiApiserver, type StorageGates } from './storage/cdi/cdi-apiserver.ts';
import { startClonePopulator } from './storage/cdi/clone-populator.ts';
import { startDataVolumes } from './storage/cdi/data-volume.ts';
import { startImportPopulator } from './storage/cdi/import-populator.ts';
import { startStorageProfiles } from './storage/cdi/storage-profile.ts';
import { startCloneController } from './storage/cdi/clone-controller.ts';
import { startUploadController } from './storage/cdi/upload-controller.ts';
import { createWorkers } from './storage/cdi/worker-programs.ts';
import type { StorageFaults } from './storage/faults.ts';
import { findVolumes } from './storage/found-volumes.ts';
import { type Copies, createLab, type Importable, type RequestListener } from './storage/lab.ts';
import { startProtection } from './storage/protection.ts';
import { startProvisioner } from './storage/provisioner.ts';
import { startResizer } from './storage/resizer.ts';
import { startSnapshotController } from './storage/snapshot-controller.ts';
import { startSnapshotter } from './storage/snapshotter.ts';

export type StorageControllerName =
  | 'volume-binder'
  | 'volume-protection'
  | 'snapshot-controller'
  | 'cdi'
  | 'cdi-apiserver'
  | 'external-provisioner'
  | 'external-resizer'
  | 'csi-snapshotter';

export interface StorageControllersOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  readonly transport: Transport;
  readonly driver: StorageDriver;
  /** What importers find, by the url of an http or registry source. */
  readonly images: Importable;
  /** Whether core/v1 Events are written; requests for them are charged either way. */
  readonly recordEvents: boolean;
  readonly creditsWriters?: boolean;
  readonly faults?: StorageFaults;
  /** Left to the server where it has its own. */
  readonly without?: readonly StorageControllerName[];
  /** Whether Ceph holds what the objects tell of, made before this process. */
  readonly adopts?: boolean;
  /** Told of each request of the controllers. */
  readonly onRequest?: RequestListener;
  /** Told of each failed step before it is tried again. */
  readonly onError?: (error: unknown, where: string) => void;
}

export interface StorageControllers {
  /** Resolves when the controllers have their first copy of everything. */
  readonly synced: Promise<void>;
  /** What CDI's worker pods do, whether it is ours or a real one. */
  readonly programs: Programs;
  /** What DataVolumes wait for at admission. */
  readonly gates: StorageGates;
  /** What they tell a Prometheus. */
  families(): readonly MetricFamily[];
  stop(): void;
}

export function startStorageControllers(options: StorageControllersOptions): StorageControllers {
  const running = createLab({
    ...options,
    rng: options.rng.fork('storage controllers'),
    importable: options.images,
    faults: options.faults ?? {},
    onError: options.onError,
    ...(options.adopts && {
      beforeWork: (copies: Copies) => {
        const { driver, images } = options;
        driver.adopt(findVolumes(copies, images, driver.traits.name));
      },
    }),
  });
  const { lab } = running;
  const has = (name: StorageControllerName) => !options.without?.includes(name);
  if (has('volume-binder')) startBinder(lab);
  startProtection(lab, !has('volume-protection'));
  if (has('external-provisioner')) startProvisioner(lab);
  if (has('external-resizer')) startResizer(lab);
  if (has('snapshot-controller')) startSnapshotController(lab);
  if (has('csi-snapshotter')) startSnapshotter(lab);
  const workers = createWorkers(lab);
  if (has('cdi')) startCdi(createCdi(lab, workers.progressOf));
  return {
    synced: running.begin(),
    gates: has('cdi-apiserver') ? startCdiApiserver(lab) : [],
    programs: workers.programs,
    families: () => queueFamilies(running.queueDepths()),
    stop: running.stop,
  };
}

function startCdi(cdi: Cdi): void {
  startStorageProfiles(cdi);
  startDataVolumes(cdi);
  startClonePopulator(cdi);
  startUploadController(cdi);
  startCloneController(cdi);
  startImportPopulator(cdi);
}

/** The CephCluster with the pool's usage of this moment in its status. */
export function withPoolUsage(
  cluster: CephCluster,
  driver: StorageDriver,
  pool: Parameters['pool'],
): CephCluster {
  const capacity = cephCapacity(driver.pool, pool);
  const health = cluster.status?.ceph?.health ?? 'HEALTH_OK';
  return { ...cluster, status: { ...cluster.status, ceph: { health, capacity } } };
}
