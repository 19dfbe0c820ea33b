/**
 * The pods that move bytes for CDI: importer, host-assisted copy, preparation. They are pods like
 * any other: the scheduler gives them a node, and its kubelet runs them.
 */

import { type Pod, SIMULATED_NODE } from '../../../../api/compute.ts';
import { PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { createOnce } from '../../../../kube/create-once.ts';
import { makeObjectKey } from '../../../../kube/informer.ts';
import { controllerReference } from '../../chassis/ownership.ts';
import { ANNOTATION, BINDING, CDI_APP, LABEL } from '../vocabulary.ts';
import { type Cdi, getAnnotation } from './cdi.ts';

type WorkerKind = 'importer' | 'cdi-upload-server' | 'cdi-clone-source' | 'cdi-populator-prep';

interface WorkerPod {
  readonly kind: WorkerKind;
  readonly name: string;
  /** The one that it writes or, of the source pod of a copy, reads. */
  readonly claim: PersistentVolumeClaim;
  /** Of the source pod of a copy: the claim that its bytes are sent to. */
  readonly sendsTo?: PersistentVolumeClaim;
  /** UID of the claim whose populator looks after the pod. */
  readonly targetUid?: string;
  /** What an importer downloads; empty for a blank disk. */
  readonly endpoint?: string;
}

/** The pod where it was made just now. */
export async function ensureWorkerPod(
  { lab, client }: Cdi,
  worker: WorkerPod,
): Promise<Pod | undefined> {
  if (lab.copies.pods.get(worker.claim.metadata.namespace, worker.name)) return undefined;
  return createOnce(client, PODS, podObject(worker));
}

function podObject(worker: WorkerPod): Pod {
  const { kind, name, claim, sendsTo, endpoint } = worker;
  const affinity = copyAffinity(worker);
  // SetNodeNameIfPopulator: to where the volume is to be made.
  const nodeName = sendsTo ? undefined : getAnnotation(claim, BINDING.selectedNode);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...podMetadata(worker), name, namespace: claim.metadata.namespace ?? '' },
    spec: {
      restartPolicy: 'OnFailure',
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(affinity === undefined ? {} : { affinity }),
      tolerations: [{ key: SIMULATED_NODE, operator: 'Exists' }],
      containers: [
        {
          name: kind,
          image: `registry.example/${kind}`,
          resources: RESOURCES,
          volumeDevices: [{ name: DATA_VOLUME, devicePath: '/dev/cdi-block-volume' }],
          ...(endpoint === undefined
            ? {}
            : { env: [{ name: 'IMPORTER_ENDPOINT', value: endpoint }] }),
          ...(kind === 'cdi-upload-server' ? { readinessProbe: UPLOAD_PROBE } : {}),
        },
      ],
      volumes: [{ name: DATA_VOLUME, persistentVolumeClaim: { claimName: claim.metadata.name } }],
    },
  };
}

function podMetadata({ kind, name, claim, sendsTo, targetUid }: WorkerPod) {
  const { uid = '' } = claim.metadata;
  return {
    labels: {
      [LABEL.app]: CDI_APP,
      [LABEL.component]: kind,
      ...(targetUid === undefined ? {} : { [LABEL.ownedByUid]: targetUid }),
      ...(kind === 'cdi-upload-server'
        ? { [LABEL.uploadTarget]: uid, [LABEL.uploadService]: name }
        : {}),
      ...(kind === 'cdi-clone-source' ? { [LABEL.copySource]: uid } : {}),
    },
    ...(sendsTo ? { annotations: { [ANNOTATION.storageOwner]: makeObjectKey(sendsTo) } } : {}),
    // Who sends has nobody who owns it: the claims may be in two namespaces.
    ...(OWNED.has(kind) ? { ownerReferences: [controllerReference(claim)] } : {}),
  };
}

const OWNED: ReadonlySet<WorkerKind> = new Set(['importer', 'cdi-upload-server']);

/**
 * Source pods would be where their upload server is; those of a volume that only one node may have
 * must be together (clone-controller.go MakeCloneSourcePodSpec).
 */
function copyAffinity({ claim, sendsTo }: WorkerPod): unknown {
  if (!sendsTo) return undefined;
  const term = (key: string, { metadata }: PersistentVolumeClaim) => ({
    labelSelector: { matchExpressions: [{ key, operator: 'In', values: [metadata.uid] }] },
    namespaces: [metadata.namespace],
    topologyKey: 'kubernetes.io/hostname',
  });
  const { accessModes = [] } = claim.spec;
  const isExclusive = accessModes.length === 1 && accessModes[0] === 'ReadWriteOnce';
  return {
    podAffinity: {
      ...(isExclusive
        ? { requiredDuringSchedulingIgnoredDuringExecution: [term(LABEL.copySource, claim)] }
        : {}),
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: term(LABEL.uploadTarget, sendsTo) },
      ],
    },
  };
}

const DATA_VOLUME = 'cdi-data-vol';

/** The defaults of CDIConfig (config-controller.go, the same in v1.58.4 and v1.66.0). */
const RESOURCES = {
  requests: { cpu: '100m', memory: '60M' },
  limits: { cpu: '750m', memory: '600M' },
};

/** upload-controller.go makeUploadPodSpec. */
const UPLOAD_PROBE = { initialDelaySeconds: 2, periodSeconds: 5 };
