/** What a claim is to be filled from: the requests by which the provisioner finds the handle. */

import type { KubeObject } from '../../../api/object.ts';
import {
  CLAIMS,
  type Resource,
  SNAPSHOT_CONTENTS,
  SNAPSHOTS,
  VOLUMES,
} from '../../../api/resources.ts';
import type { PersistentVolumeClaim, TypedReference } from '../../../api/storage.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { RateLimiter } from '../../../kube/rate-limit.ts';
import type { VolumeRequestSource } from '../../hardware/storage/csi.ts';
import { hasFinalizer, withFinalizer } from '../chassis/ownership.ts';
import type { StorageLab } from './lab.ts';
import { FINALIZER } from './vocabulary.ts';

export interface SourceReader {
  /** Undefined for an empty volume; rejects where the source is missing or not ready. */
  read(claim: PersistentVolumeClaim): Promise<VolumeRequestSource | undefined>;
}

/** Volumes are read with `client`, snapshots with `snapshotClient`: two buckets. */
export function createSourceReader(
  lab: StorageLab,
  client: KubeClient,
  snapshotClient: KubeClient,
): SourceReader {
  return {
    async read(claim) {
      const reference = claim.spec.dataSourceRef ?? claim.spec.dataSource;
      if (!reference) return undefined;
      const namespace = claim.metadata.namespace ?? '';
      return reference.kind === 'VolumeSnapshot'
        ? snapshotSource(snapshotClient, namespace, reference)
        : volumeSource(lab, client, namespace, reference);
    },
  };
}

const SECRETS = '/api/v1/namespaces/openshift-storage/secrets/rook-csi-rbd-provisioner';

/** The simulated cluster keeps no secrets: the request costs its token and its round trip. */
export async function readSecret(
  lab: StorageLab,
  limiter: RateLimiter,
  component: string,
): Promise<void> {
  if (!lab.driver.traits.secret) return;
  await limiter.take();
  lab.onRequest?.(component, { method: 'GET', path: SECRETS });
  await lab.clock.sleep(lab.parameters.api.roundTripUs);
}

async function snapshotSource(
  snapshotClient: KubeClient,
  namespace: string,
  { name }: TypedReference,
): Promise<VolumeRequestSource> {
  const what = `error getting handle for DataSource Type VolumeSnapshot by Name ${name}`;
  const snapshot = await read(snapshotClient, SNAPSHOTS, { namespace, name }, what);
  const content = snapshot.status?.boundVolumeSnapshotContentName;
  if (!snapshot.status?.readyToUse || !content) {
    throw new Error(`${what}: snapshot ${name} is not Ready`);
  }
  const bound = await read(snapshotClient, SNAPSHOT_CONTENTS, { name: content }, what);
  const handle = bound.status?.snapshotHandle;
  if (!handle) throw new Error(`${what}: snapshot handle not found`);
  return { kind: 'snapshot', handle };
}

async function volumeSource(
  lab: StorageLab,
  client: KubeClient,
  namespace: string,
  { name }: TypedReference,
): Promise<VolumeRequestSource> {
  const what = `error getting handle for DataSource Type PersistentVolumeClaim by Name ${name}`;
  const source = lab.copies.claims.get(namespace, name);
  if (!source) throw new Error(`${what}: claim not found`);
  if (source.status?.phase !== 'Bound' || !source.spec.volumeName) {
    throw new Error(`${what}: the PVC ${name} is not bound`);
  }
  const volume = await read(client, VOLUMES, { name: source.spec.volumeName }, what);
  const handle = volume.spec.csi?.volumeHandle;
  if (!handle) throw new Error(`${what}: the volume is of another driver`);
  if (!hasFinalizer(source, FINALIZER.cloningProtection)) {
    await protectSource(client, source);
  }
  return { kind: 'volume', handle };
}

/** Another worker may have been faster: its finalizer serves us too. */
async function protectSource(client: KubeClient, source: PersistentVolumeClaim): Promise<void> {
  const patch = withFinalizer(source, FINALIZER.cloningProtection);
  await client.patch(CLAIMS, source.metadata, patch).catch(() => undefined);
}

async function read<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  ref: { readonly namespace?: string; readonly name: string },
  what: string,
): Promise<T> {
  try {
    return await client.get(resource, ref);
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
