/**
 * Disks of the nodes themselves, behind KubeVirt's hostpath provisioner: file systems for one node
 * at a time, made on first use. It takes no snapshots and clones nothing, so that CDI copies bytes;
 * in return nothing is shared that could be a limit.
 */

import type { Rng } from '../../../core/rng.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { ImageContent } from '../storage/content.ts';
import {
  type CsiOutcome,
  type CsiVolume,
  type DriverTraits,
  failed,
  type Findings,
  type FoundVolume,
  type StorageDriver,
  succeeded,
  type VolumeRequest,
} from '../storage/csi.ts';
import type { HardwareClock } from '../rbd/manager.ts';

export interface LocalStorageOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Pick<Parameters, 'local'>;
}

/** CDI v1.58.4 storagecapabilities.go: ReadWriteOnce file systems, and no way to clone. */
export const LOCAL_TRAITS: DriverTraits = {
  name: 'kubevirt.io.hostpath-provisioner',
  bindingMode: 'WaitForFirstConsumer',
  expands: false,
  takesSnapshots: false,
  classParameters: { storagePool: 'local' },
  secret: undefined,
  cloneStrategy: 'copy',
  sourceFormat: 'pvc',
  claimPropertySets: [{ accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' }],
};

interface LocalVolume extends CsiVolume {
  content: ImageContent | undefined;
  storedBytes: number;
}

export function createLocalStorage(options: LocalStorageOptions): StorageDriver {
  const { clock, rng } = options;
  const { createTimeUs, deleteTimeUs, variation } = options.parameters.local;
  const byRequest = new Map<string, LocalVolume>();
  const byHandle = new Map<string, LocalVolume>();
  const keep = (requestName: string, volume: LocalVolume) => {
    byRequest.set(requestName, volume);
    byHandle.set(volume.handle, volume);
  };
  const spend = (meanUs: number) => clock.sleep(rng.gamma(meanUs, variation));
  const create = async (request: VolumeRequest): Promise<CsiOutcome<CsiVolume>> => {
    if (request.source) return failed('Internal', 'this driver does not clone');
    const made = byRequest.get(request.name);
    if (made) return succeeded(made);
    await spend(createTimeUs);
    const volume = emptyVolume(rng.uuid(), request.sizeBytes);
    keep(request.name, volume);
    return succeeded(volume);
  };
  return {
    traits: LOCAL_TRAITS,
    csi: {
      createVolume: create,
      async deleteVolume(handle) {
        await spend(deleteTimeUs);
        byHandle.delete(handle);
        for (const [name, volume] of byRequest)
          if (volume.handle === handle) byRequest.delete(name);
        return succeeded(undefined);
      },
      createSnapshot: async () => failed('Internal', 'this driver takes no snapshots'),
      deleteSnapshot: async () => succeeded(undefined),
      expandVolume: async () => failed('Internal', 'this driver does not expand'),
    },
    pool: poolOver(byHandle),
    counters: () => ({}),
    families: () => [],
    contentOf: (handle) => byHandle.get(handle)?.content,
    wrote(handle, bytes) {
      const volume = byHandle.get(handle);
      if (volume) volume.storedBytes = Math.min(volume.sizeBytes, volume.storedBytes + bytes);
    },
    fill(handle, content) {
      const volume = byHandle.get(handle);
      if (!volume) return;
      volume.content = content;
      volume.storedBytes = content.dataBytes;
    },
    adopt: (found) => adopt(found, (name, volume) => byRequest.has(name) || keep(name, volume)),
  };
}

function emptyVolume(uuid: string, sizeBytes: number): LocalVolume {
  const handle = `pvc-${uuid}`;
  return {
    handle,
    sizeBytes,
    attributes: { storagePool: 'local' },
    content: undefined,
    storedBytes: 0,
  };
}

function poolOver(volumes: ReadonlyMap<string, LocalVolume>): StorageDriver['pool'] {
  return {
    get storedBytes() {
      let sum = 0;
      for (const { storedBytes } of volumes.values()) sum += storedBytes;
      return sum;
    },
    get objects() {
      return volumes.size;
    },
  };
}

/** A copy holds what its source holds. */
function adopt(
  { volumes }: Findings,
  keep: (requestName: string, volume: LocalVolume) => unknown,
): void {
  const found = new Map(volumes.map((each) => [each.handle, each]));
  const contentOf = (volume: FoundVolume): ImageContent | undefined => {
    const seen = new Set<string>();
    let at: FoundVolume | undefined = volume;
    while (at && !at.content && !seen.has(at.handle)) {
      seen.add(at.handle);
      at = at.source && found.get(at.source.handle);
    }
    return at?.content;
  };
  for (const volume of volumes) {
    const { requestName, handle, sizeBytes, attributes } = volume;
    const content = contentOf(volume);
    const storedBytes = content?.dataBytes ?? 0;
    keep(requestName, { handle, sizeBytes, attributes, content, storedBytes });
  }
}
