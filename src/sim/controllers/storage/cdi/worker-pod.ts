/**
 * The pods that move bytes for CDI: importer, host-assisted copy, preparation. Storage runs them
 * itself, under a scheduler name that no node serves: they cost no node any resource.
 */

import type { Pod } from '../../../../api/compute.ts';
import { PODS } from '../../../../api/resources.ts';
import { objectKey } from '../../../../kube/informer.ts';
import type { OwnerReference } from '../../../../api/object.ts';
import { createOnce } from '../../../../kube/create-once.ts';
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
  /** The one that it writes or, of the source pod of a copy, reads. */
  readonly claim: string;
  /** Of the source pod of a copy: the claim that its bytes are sent to. */
  readonly sendsTo?: string;
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
  await createOnce(client, PODS, podObject(worker));
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
  const { kind, namespace, name, claim, sendsTo, targetUid, owner, endpoint } = worker;
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
      annotations:
        sendsTo === undefined ? {} : { [ANNOTATION.storageOwner]: objectKey(namespace, sendsTo) },
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec: {
      schedulerName: WORKER_SCHEDULER,
      containers: [
        {
          name: kind,
          image: `registry.example/${kind}`,
          volumeDevices: [{ name: DATA_VOLUME, devicePath: '/dev/cdi-block-volume' }],
          ...(endpoint === undefined
            ? {}
            : { env: [{ name: 'IMPORTER_ENDPOINT', value: endpoint }] }),
          ...(kind === 'cdi-upload-server' ? { readinessProbe: UPLOAD_PROBE } : {}),
        },
      ],
      volumes: [{ name: DATA_VOLUME, persistentVolumeClaim: { claimName: claim } }],
    },
  };
}

const DATA_VOLUME = 'cdi-data-vol';

/** upload-controller.go makeUploadPodContainers. */
const UPLOAD_PROBE = { initialDelaySeconds: 2, periodSeconds: 5 };
