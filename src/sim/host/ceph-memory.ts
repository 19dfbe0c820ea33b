/**
 * What the simulated Ceph holds, kept as a ConfigMap of the server that its controllers work on:
 * no other object tells what guests wrote, what was flattened and what is in the trash. Written
 * every few seconds; whoever starts after a crash reads it, and learns the rest from the volumes.
 */

import { gunzipSync, gzipSync } from 'node:zlib';
import type { KubeObject } from '../../api/object.ts';
import { CLAIMS, CONFIG_MAPS, SNAPSHOT_CONTENTS, VOLUMES } from '../../api/resources.ts';
import type { Clock } from '../../core/clock.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { listAll } from '../../kube/list-all.ts';
import type { RbdCluster } from '../hardware/rbd/cluster.ts';
import { uuidOfHandle } from '../hardware/rbd/handle.ts';
import { parseSavedRbd, type SavedRbd } from '../hardware/rbd/saved.ts';

export interface CephMemory {
  /** Writes what has changed since; resolves when it is written, or given up. */
  write(): Promise<void>;
  stop(): void;
}

export interface CephMemoryOptions {
  readonly client: KubeClient;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly rbd: Pick<RbdCluster, 'save'>;
  /** Of the clock's time. */
  readonly periodUs: number;
  readonly onError: (error: unknown, where: string) => void;
}

const REF = { namespace: 'kube-system', name: 'simulated-ceph' } as const;
/** etcd takes 1.5 MiB, a ConfigMap 1 MiB; some 10,000 volumes. Base64 of this fits. */
const BYTES_MAX = 750 * 1024;

/** Undefined where nobody has left anything, or nothing that can be read. */
export async function recallCeph(client: KubeClient): Promise<SavedRbd | undefined> {
  const zipped = await readMemory(client);
  if (zipped === undefined) return undefined;
  try {
    const text = gunzipSync(Buffer.from(zipped, 'base64')).toString();
    return withoutUnfinished(parseSavedRbd(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

async function readMemory(client: KubeClient): Promise<string | undefined> {
  try {
    const { binaryData } = (await client.get(CONFIG_MAPS, REF)) as KubeObject & {
      readonly binaryData?: { readonly rbd?: string };
    };
    return binaryData?.rbd;
  } catch (error) {
    if (isNotFound(error) || !(error instanceof Error) || 'status' in error) return undefined;
    throw error;
  }
}

/** Writes at once, and then every period where something has changed. */
export function keepCeph(options: CephMemoryOptions): CephMemory {
  const { client, clock, rbd, periodUs, onError } = options;
  let written = '';
  let cancel = () => {};
  let stopped = false;
  const write = async () => {
    const text = JSON.stringify(withoutDeleted(rbd.save()));
    if (text === written) return;
    const zipped = gzipSync(text);
    try {
      if (zipped.length > BYTES_MAX) throw new Error('too much for a ConfigMap: not kept');
      await put(client, { rbd: zipped.toString('base64') });
    } catch (error) {
      onError(error, 'memory of Ceph');
    }
    written = text;
  };
  const turn = () => {
    void write().finally(() => {
      if (!stopped) cancel = clock.schedule(periodUs, turn, { kind: 'background' });
    });
  };
  turn();
  return {
    write,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Volumes and snapshots that were deleted after the last writing are deleted here as well. */
export async function forgetDeleted(
  client: KubeClient,
  rbd: Pick<RbdCluster, 'csi'>,
  saved: SavedRbd,
): Promise<void> {
  const [volumes, claims, contents] = await Promise.all([
    listAll(client, VOLUMES),
    listAll(client, CLAIMS),
    listAll(client, SNAPSHOT_CONTENTS),
  ]);
  const requests = new Set([
    ...volumes.map(({ metadata }) => metadata.name),
    ...claims.map(({ metadata }) => `pvc-${metadata.uid}`),
    ...contents.map(({ spec }) => `snapshot-${spec.volumeSnapshotRef.uid}`),
  ]);
  const gone = ([request]: readonly [string, unknown]) => !requests.has(request);
  await Promise.all([
    ...saved.volumes.filter(gone).map(([, { handle }]) => rbd.csi.deleteVolume(handle)),
    ...saved.snapshots.filter(gone).map(([, { handle }]) => rbd.csi.deleteSnapshot(handle)),
  ]);
}

/**
 * Without images of operations that were on the way: a temporary one whose clone is not there, and
 * one for a snapshot that was not taken. Whoever had asked for them asks again.
 */
export function withoutUnfinished(saved: SavedRbd): SavedRbd {
  const names = new Set(saved.images.map(({ name }) => name));
  const isUnfinished = ({ name, snapshots }: SavedRbd['images'][number]) => {
    if (name.endsWith(TEMPORARY)) return !names.has(name.slice(0, -TEMPORARY.length));
    return name.startsWith('csi-snap-') && !snapshots.some((each) => each.name === name);
  };
  const dropped = new Set(saved.images.filter(isUnfinished).map(({ name }) => name));
  // A snapshot is named after the clone that was made from it.
  const images = saved.images
    .filter(({ name }) => !dropped.has(name))
    .map((image) => ({
      ...image,
      snapshots: image.snapshots.filter(({ name }) => !dropped.has(name)),
    }));
  return { ...saved, images };
}

/** The journal of ceph-csi without what it has deleted, which nobody asks for again. */
function withoutDeleted(saved: SavedRbd): SavedRbd {
  const names = new Set(saved.images.map(({ name }) => name));
  const has = (prefix: string, handle: string) => names.has(`${prefix}${uuidOfHandle(handle)}`);
  return {
    ...saved,
    volumes: saved.volumes.filter(([, { handle }]) => has('csi-vol-', handle)),
    snapshots: saved.snapshots.filter(([, { handle }]) => has('csi-snap-', handle)),
  };
}

const TEMPORARY = '-temp';

async function put(client: KubeClient, binaryData: object): Promise<void> {
  try {
    await client.patch(CONFIG_MAPS, REF, { binaryData });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, binaryData };
    await client.create(CONFIG_MAPS, object);
  }
}
