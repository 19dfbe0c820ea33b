/**
 * The pods that move bytes for CDI: importer, host-assisted copy, preparation. Storage runs them
 * itself, under a scheduler name that no node serves: they cost no node any resource.
 */

import type { Pod } from '../../../../api/compute.ts';
import { PODS } from '../../../../api/resources.ts';
import type { OwnerReference } from '../../../../api/object.ts';
import { isAlreadyExists } from '../../../../kube/api-error.ts';
import { ANNOTATION, CDI_APP, LABEL } from '../vocabulary.ts';
import type { Cdi } from './cdi.ts';

export type WorkerKind =
  | 'importer'
  | 'cdi-upload-server'
  | 'cdi-clone-source'
  | 'cdi-populator-prep';

export interface WorkerPod {
  readonly kind: WorkerKind;
  readonly namespace: string;
  readonly name: string;
  /** The claim that is written, then the one that is read, if any. */
  readonly claims: readonly string[];
  /** UID of the claim that all of this is for. */
  readonly targetUid: string;
  readonly owner?: OwnerReference;
  /** What an importer downloads; empty for a blank disk. */
  readonly endpoint?: string;
}

/** The scheduler that leaves these pods to `transfers.ts`. */
const WORKER_SCHEDULER = 'cdi-worker-pods';

export async function ensureWorkerPod({ lab, client }: Cdi, worker: WorkerPod): Promise<void> {
  if (lab.copies.pods.get(worker.namespace, worker.name)) return;
  try {
    await client.create(PODS, podObject(worker));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

export function findWorkerKind(pod: Pod): WorkerKind | undefined {
  if (pod.spec.schedulerName !== WORKER_SCHEDULER) return undefined;
  return pod.metadata.labels?.[LABEL.component] as WorkerKind | undefined;
}

export function listClaims(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );
}

function podObject(worker: WorkerPod): Pod {
  const { kind, namespace, name, claims, targetUid, owner, endpoint } = worker;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: {
        [LABEL.app]: CDI_APP,
        [LABEL.component]: kind,
        [LABEL.ownedByUid]: targetUid,
      },
      annotations: endpoint === undefined ? {} : { [ANNOTATION.importEndpoint]: endpoint },
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec: {
      schedulerName: WORKER_SCHEDULER,
      containers: [
        {
          name: kind,
          image: `registry.example/${kind}`,
          volumeDevices: [{ name: 'cdi-data-vol', devicePath: '/dev/cdi-block-volume' }],
        },
      ],
      volumes: claims.map((claimName, i) => ({
        name: i === 0 ? 'cdi-data-vol' : 'cdi-source-vol',
        persistentVolumeClaim: { claimName },
      })),
    },
  };
}
