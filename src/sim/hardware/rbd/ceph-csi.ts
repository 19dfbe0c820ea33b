/**
 * ceph-csi v3.10.2's controller service for RBD, operation by operation (internal/rbd/clone.go,
 * snapshot.go, controllerserver.go). A restore from a snapshot is one clone; a clone of a volume is
 * two clones, two snapshots through the monitor, and one snapshot left on the source for good.
 * Easily missed: the lock on a snapshot is a try-lock, so concurrent restores of one snapshot fail.
 */

import type { Rng } from '../../../core/rng.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { Counters } from './counters.ts';
import {
  type CsiController,
  type CsiOutcome,
  type CsiSnapshot,
  type CsiVolume,
  failed,
  type SnapshotRequest,
  succeeded,
  type VolumeRequest,
} from '../storage/csi.ts';
import { csiVolume, handleFor, POOL, uuidOfHandle } from './handle.ts';
import {
  cloneDepth,
  createImage,
  createSnapshot,
  type ImageStore,
  type RbdImage,
  type RbdSnapshot,
  removeSnapshot,
} from './image.ts';
import type { CommandThread, HardwareClock } from './manager.ts';
import type { Monitor } from './monitor.ts';
import type { Flattener } from './tasks.ts';

export interface CsiControllerOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Parameters['rbd'];
  readonly store: ImageStore;
  readonly monitor: Monitor;
  readonly commands: CommandThread;
  readonly flattener: Flattener;
  readonly counters: Counters;
  readonly journal: CsiJournal;
}

/** What each request name has made. */
export interface CsiJournal {
  readonly volumes: Map<string, CsiVolume>;
  readonly snapshots: Map<string, CsiSnapshot>;
}

export function createCsiController(options: CsiControllerOptions): CsiController {
  const service = createService(options);
  return {
    createVolume: (request) =>
      exclusively(service, request.name, async () => {
        const made = service.journal.volumes.get(request.name);
        if (!made || !isLive(service, 'csi-vol-', made)) return createVolume(service, request);
        if (made.sizeBytes >= request.sizeBytes) return succeeded(made);
        return failed('AlreadyExists', `volume ${request.name} exists with another size`);
      }),
    deleteVolume: (handle) =>
      exclusively(service, handle, () => deleteImages(service, handle, 'csi-vol-')),
    createSnapshot: (request) =>
      exclusively(service, request.name, async () => {
        const made = service.journal.snapshots.get(request.name);
        if (made && isLive(service, 'csi-snap-', made)) return succeeded(made);
        return createVolumeSnapshot(service, request);
      }),
    deleteSnapshot: (handle) =>
      exclusively(service, handle, () => deleteImages(service, handle, 'csi-snap-')),
    expandVolume: (handle, sizeBytes) =>
      exclusively(service, handle, () => expandVolume(service, handle, sizeBytes)),
  };
}

interface Service extends CsiControllerOptions {
  /** Names and ids with an operation on the way (VolumeLocks). */
  readonly operations: Set<string>;
  /** Snapshots with a restore on the way (SnapshotLocks). */
  readonly restores: Set<string>;
  /** Waits for one operation of this mean length. */
  spend(meanUs: number): Promise<void>;
}

function createService(options: CsiControllerOptions): Service {
  const { clock, rng, parameters } = options;
  return {
    ...options,
    operations: new Set(),
    restores: new Set(),
    spend: (meanUs) => clock.sleep(rng.gamma(meanUs, parameters.variation)),
  };
}

async function exclusively<T>(
  service: Service,
  id: string,
  operation: () => Promise<CsiOutcome<T>>,
): Promise<CsiOutcome<T>> {
  if (service.operations.has(id)) return aborted(service, 'Volume', id);
  service.operations.add(id);
  try {
    return await operation();
  } finally {
    service.operations.delete(id);
  }
}

function aborted(service: Service, what: 'Volume' | 'Snapshot', id: string): CsiOutcome<never> {
  service.counters.aborted += 1;
  return failed('Aborted', `an operation with the given ${what} ID ${id} already exists`);
}

async function createVolume(
  service: Service,
  request: VolumeRequest,
): Promise<CsiOutcome<CsiVolume>> {
  await service.spend(service.parameters.prepareTimeUs);
  const uuid = service.rng.uuid();
  const { source } = request;
  const outcome =
    source === undefined
      ? await createEmpty(service, uuid, request.sizeBytes)
      : source.kind === 'snapshot'
        ? await restore(service, uuid, request.sizeBytes, source.handle)
        : await cloneVolume(service, uuid, request.sizeBytes, source.handle);
  if (!outcome.ok) return outcome;
  const volume = csiVolume(uuid, outcome.value);
  service.journal.volumes.set(request.name, volume);
  return succeeded(volume);
}

async function createEmpty(
  service: Service,
  uuid: string,
  sizeBytes: number,
): Promise<CsiOutcome<RbdImage>> {
  const { parameters, store } = service;
  await service.spend(parameters.reserveTimeUs);
  await service.spend(parameters.createTimeUs);
  const image = createImage(store, { name: `csi-vol-${uuid}`, sizeBytes });
  await service.spend(parameters.tailTimeUs);
  return succeeded(image);
}

/** createVolumeFromSnapshot: one clone, no snapshot, no monitor. */
async function restore(
  service: Service,
  uuid: string,
  sizeBytes: number,
  handle: string,
): Promise<CsiOutcome<RbdImage>> {
  const { parameters, restores, store } = service;
  const image = liveImage(store, `csi-snap-${uuidOfHandle(handle)}`);
  const parent = image?.snapshots.get(image.name);
  if (!image || !parent) return failed('NotFound', `snapshot ${handle} not found`);
  const tooDeep = await flattenDeepParent(service, image, 1);
  if (tooDeep) return tooDeep;
  await service.spend(parameters.reserveTimeUs);
  if (restores.has(handle)) return aborted(service, 'Volume', handle);
  restores.add(handle);
  await service.spend(parameters.restoreTimeUs);
  const size = Math.max(sizeBytes, image.sizeBytes);
  const clone = createImage(store, { name: `csi-vol-${uuid}`, sizeBytes: size, parent });
  restores.delete(handle);
  await service.spend(parameters.tailTimeUs);
  return succeeded(clone);
}

/** createCloneFromImage: by way of a temporary image, whose snapshot stays on the source. */
async function cloneVolume(
  service: Service,
  uuid: string,
  sizeBytes: number,
  handle: string,
): Promise<CsiOutcome<RbdImage>> {
  const { parameters, store, monitor } = service;
  const source = liveImage(store, `csi-vol-${uuidOfHandle(handle)}`);
  if (!source) return failed('NotFound', `volume ${handle} not found`);
  const tooDeep = await flattenDeepParent(service, source, 2);
  if (tooDeep) return tooDeep;
  const tooMany = await flattenTemporaryClones(service, source);
  if (tooMany) return tooMany;
  await service.spend(parameters.reserveTimeUs);
  const name = `csi-vol-${uuid}`;
  const temporary = await cloneVia(service, source, `${name}-temp`);
  await monitor.propose();
  await service.spend(parameters.temporaryLegTimeUs);
  const second = createSnapshot(temporary, name);
  const size = Math.max(sizeBytes, source.sizeBytes);
  const clone = createImage(store, { name, sizeBytes: size, parent: second });
  removeSnapshot(store, second);
  return succeeded(clone);
}

/** Snapshot, clone, removal of the snapshot, which lands in the trash of `source`. */
async function cloneVia(service: Service, source: RbdImage, name: string): Promise<RbdImage> {
  const { parameters, store, monitor } = service;
  const lock = source.exclusiveLock;
  await lock.acquire();
  await service.spend(parameters.snapshotCreateTimeUs);
  await monitor.propose();
  const snapshot = createSnapshot(source, name);
  lock.release();
  await service.spend(parameters.cloneTimeUs);
  const clone = createImage(store, { name, sizeBytes: source.sizeBytes, parent: snapshot });
  await lock.acquire();
  await service.spend(parameters.snapshotRemoveTimeUs);
  removeSnapshot(store, snapshot);
  lock.release();
  return clone;
}

/**
 * flattenTemporaryClonedImages: above the soft limit the newest snapshots' clones are flattened in
 * the background, above the hard limit all of them are and the call fails. Nothing remembers what
 * other calls have asked for: the work of one call grows with the number of snapshots.
 */
async function flattenTemporaryClones(
  service: Service,
  source: RbdImage,
): Promise<CsiOutcome<never> | undefined> {
  const { parameters, clock, counters } = service;
  const { softSnapshots, hardSnapshots } = parameters;
  const listed = source.snapshots.size;
  await clock.sleep(listed * parameters.snapshotListTimeUs);
  if (listed > hardSnapshots) {
    await flattenClones(service, [...source.snapshots.values()]);
    counters.resourceExhausted += 1;
    return failed('ResourceExhausted', `rbd image ${POOL}/${source.name} has ${listed} snapshots`);
  }
  if (listed > softSnapshots) {
    await flattenClones(service, [...source.snapshots.values()].slice(softSnapshots - 1));
  }
  return undefined;
}

/** Two image opens a snapshot (isTrashSnap, getOrigSnapName), then a command each, in order. */
async function flattenClones(service: Service, snapshots: readonly RbdSnapshot[]): Promise<void> {
  const { clock, commands, flattener, parameters } = service;
  await clock.sleep(snapshots.length * 2 * parameters.imageOpenTimeUs);
  await commands.sendEach(snapshots, (snapshot) => {
    for (const child of snapshot.children) flattener.addFlatten(child);
  });
}

/** flattenParent: `added` is how much deeper the new clone makes the chain. */
async function flattenDeepParent(
  service: Service,
  image: RbdImage,
  added: number,
): Promise<CsiOutcome<never> | undefined> {
  const parent = image.parent?.image;
  if (!parent) return undefined;
  const { softCloneDepth, hardCloneDepth } = service.parameters;
  const depth = cloneDepth(parent);
  if (depth < softCloneDepth - added) return undefined;
  await service.commands.sendEach([parent], (deep) => service.flattener.addFlatten(deep));
  if (depth < hardCloneDepth - added) return undefined;
  service.counters.aborted += 1;
  return failed('Aborted', `flatten in progress: image ${POOL}/${parent.name}`);
}

async function createVolumeSnapshot(
  service: Service,
  request: SnapshotRequest,
): Promise<CsiOutcome<CsiSnapshot>> {
  const { parameters, store, monitor, clock } = service;
  await service.spend(parameters.prepareTimeUs);
  const source = liveImage(store, `csi-vol-${uuidOfHandle(request.sourceHandle)}`);
  if (!source) return failed('NotFound', `volume ${request.sourceHandle} not found`);
  const tooMany = await flattenTemporaryClones(service, source);
  if (tooMany) return tooMany;
  await service.spend(parameters.reserveTimeUs);
  const uuid = service.rng.uuid();
  const image = await cloneVia(service, source, `csi-snap-${uuid}`);
  await service.spend(parameters.snapshotCreateTimeUs);
  await monitor.propose();
  createSnapshot(image, image.name);
  await service.spend(parameters.tailTimeUs);
  const snapshot: CsiSnapshot = {
    handle: handleFor(uuid),
    sizeBytes: source.sizeBytes,
    createdUs: clock.wallUs(),
  };
  service.journal.snapshots.set(request.name, snapshot);
  return succeeded(snapshot);
}

/** The image and its temporary one go to the trash; a task of the manager removes each later. */
async function deleteImages(
  service: Service,
  handle: string,
  prefix: 'csi-vol-' | 'csi-snap-',
): Promise<CsiOutcome<void>> {
  const { parameters, store, commands, flattener } = service;
  await service.spend(parameters.prepareTimeUs);
  const name = `${prefix}${uuidOfHandle(handle)}`;
  const images = [liveImage(store, name), liveImage(store, `${name}-temp`)].filter(
    (image) => image !== undefined,
  );
  for (const image of images) {
    image.trashed = true;
    const own = image.snapshots.get(image.name);
    if (own) removeSnapshot(store, own);
  }
  await commands.sendEach(images, (image) => flattener.addRemoval(image));
  return succeeded(undefined);
}

async function expandVolume(
  service: Service,
  handle: string,
  sizeBytes: number,
): Promise<CsiOutcome<number>> {
  await service.spend(service.parameters.prepareTimeUs);
  const image = liveImage(service.store, `csi-vol-${uuidOfHandle(handle)}`);
  if (!image) return failed('NotFound', `volume ${handle} not found`);
  image.sizeBytes = Math.max(image.sizeBytes, sizeBytes);
  return succeeded(image.sizeBytes);
}

/** What was deleted since can be made anew under its name. */
function isLive({ store }: Service, prefix: string, { handle }: { readonly handle: string }) {
  return liveImage(store, `${prefix}${uuidOfHandle(handle)}`) !== undefined;
}

function liveImage(store: ImageStore, name: string): RbdImage | undefined {
  const image = store.images.get(name);
  return image?.trashed ? undefined : image;
}
