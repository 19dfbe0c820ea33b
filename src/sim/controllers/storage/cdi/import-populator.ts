/**
 * CDI's import populator and importer controller (populators/import-populator.go, v1.58.4): a prime
 * claim is filled by an importer pod, and its volume is then given to the target. What the pod does
 * is written on the prime claim first and copied to the target, whose DataVolume reports it.
 */

import type { Pod } from '../../../../api/compute.ts';
import { CLAIMS, PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeImportSource } from '../../../../api/storage.ts';
import { createOnce } from '../../../../kube/create-once.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import { controllerReference, isDeleting } from '../../chassis/ownership.ts';
import { findPopulator, waitsForConsumer } from '../populators.ts';
import {
  ANNOTATION,
  BINDING,
  CDI_APP,
  derivedName,
  IMPORT_SOURCE_KIND,
  LABEL,
} from '../vocabulary.ts';
import {
  addAnnotations,
  type Cdi,
  findStorageClass,
  getAnnotation,
  percentText,
  removeIfThere,
} from './cdi.ts';
import { reportPod } from './pod-report.ts';
import { createRepeats, type Repeats } from './polls.ts';
import { rebind } from './rebind.ts';
import { ensureWorkerPod } from './worker-pod.ts';

interface ImportPopulator extends Cdi {
  readonly repeat: Repeats;
}

export function startImportPopulator(cdi: Cdi): void {
  const { copies, parameters, clock } = cdi.lab;
  const controller = cdi.lab.controller({
    name: 'import populator',
    workers: parameters.cdi.workers,
    reconcile: async (key) => {
      await reconcile(populator, key);
      return undefined;
    },
  });
  const populator = { ...cdi, repeat: createRepeats(clock, controller.enqueue) };
  const enqueueTarget = (labels: Readonly<Record<string, string>> | undefined) => {
    const uid = labels?.[LABEL.ownedByUid];
    if (uid === undefined) return;
    for (const target of copies.claims.indexed('uid', uid)) {
      if (findPopulator(target) === IMPORT_SOURCE_KIND) controller.enqueue(makeObjectKey(target));
    }
  };
  copies.claims.onChange((now, before) => {
    if (now && findPopulator(now) === IMPORT_SOURCE_KIND) controller.enqueue(makeObjectKey(now));
    enqueueTarget((now ?? before)?.metadata.labels);
  });
  copies.pods.onChange((now, before) => enqueueTarget((now ?? before)?.metadata.labels));
  copies.importSources.onChange((now) => {
    if (!now) return;
    for (const claim of copies.claims.indexed(
      'populator',
      `${IMPORT_SOURCE_KIND} ${makeObjectKey(now)}`,
    )) {
      controller.enqueue(makeObjectKey(claim));
    }
  });
}

async function reconcile(cdi: ImportPopulator, key: string): Promise<void> {
  const { lab, claims } = cdi;
  const { namespace, name } = splitKey(key);
  const target = claims.get(namespace, name);
  if (!target || findPopulator(target) !== IMPORT_SOURCE_KIND || isDeleting(target)) return;
  const prime = claims.get(namespace, derivedName.primeClaim(target.metadata.uid ?? ''));
  if (target.status?.phase === 'Bound') {
    if (prime) await cleanUp(cdi, target, prime);
    return;
  }
  if (target.status?.phase === 'Lost') return;
  const source = lab.copies.importSources.get(namespace, target.spec.dataSourceRef?.name ?? '');
  if (!source || waitsForConsumer(findStorageClass(cdi, target), target)) return;
  if (prime) await advance(cdi, target, prime);
  else await createOnce(cdi.client, CLAIMS, primeObject(target, source));
}

async function advance(
  cdi: ImportPopulator,
  target: PersistentVolumeClaim,
  prime: PersistentVolumeClaim,
): Promise<void> {
  const { namespace = '', name } = prime.metadata;
  const podName = derivedName.importerPod(name);
  const pod = cdi.lab.copies.pods.get(namespace, podName);
  if (!pod) {
    if (getAnnotation(prime, ANNOTATION.podPhase) === 'Succeeded')
      return handOver(cdi, prime, target);
    await ensureWorkerPod(cdi, {
      kind: 'importer',
      name: podName,
      claim: prime,
      targetUid: target.metadata.uid ?? '',
      endpoint: getAnnotation(prime, ANNOTATION.importEndpoint) ?? '',
    });
    return;
  }
  const report = podReport(pod, cdi.progressOf(pod));
  await addAnnotations(cdi, prime, { ...report, [ANNOTATION.importPod]: podName });
  await addAnnotations(cdi, target, { ...report, [ANNOTATION.primeClaim]: name });
  if (pod.status?.phase === 'Running') {
    cdi.repeat(makeObjectKey(target), cdi.lab.parameters.cdi.importPollUs);
  }
  if (pod.status?.phase !== 'Succeeded') return;
  await removeIfThere(cdi.client, PODS, pod.metadata);
  await handOver(cdi, prime, target);
}

async function handOver(
  cdi: Cdi,
  prime: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
): Promise<void> {
  if (prime.status?.phase === 'Bound') await rebind(cdi, prime, target);
}

function podReport(pod: Pod, progress: number | undefined): Readonly<Record<string, string>> {
  const { phase = 'Pending' } = pod.status ?? {};
  const report = { [ANNOTATION.podPhase]: phase, ...reportPod(pod) };
  if (phase === 'Succeeded') return { ...report, [ANNOTATION.progress]: '100.0%' };
  // All bytes are there before all is done; what is written by then is not told.
  const isTold = progress !== undefined && progress < 1;
  return isTold ? { ...report, [ANNOTATION.progress]: percentText(progress) } : report;
}

function primeObject(
  target: PersistentVolumeClaim,
  { spec }: VolumeImportSource,
): PersistentVolumeClaim {
  const { http, registry } = spec.source;
  const uid = target.metadata.uid ?? '';
  const selected = getAnnotation(target, BINDING.selectedNode);
  const { dataSource: _, dataSourceRef: __, volumeName: ___, ...claimSpec } = target.spec;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: derivedName.primeClaim(uid),
      namespace: target.metadata.namespace ?? '',
      labels: { [LABEL.app]: CDI_APP, [LABEL.ownedByUid]: uid },
      annotations: {
        [ANNOTATION.contentType]: 'kubevirt',
        [ANNOTATION.bindImmediate]: '',
        [ANNOTATION.populatorKind]: IMPORT_SOURCE_KIND,
        [ANNOTATION.importSource]: http ? 'http' : registry ? 'registry' : 'none',
        [ANNOTATION.importEndpoint]: http?.url ?? registry?.url ?? '',
        ...(selected === undefined ? {} : { [BINDING.selectedNode]: selected }),
      },
      ownerReferences: [controllerReference(target)],
    },
    spec: claimSpec,
  };
}

async function cleanUp(
  { client }: Cdi,
  target: PersistentVolumeClaim,
  prime: PersistentVolumeClaim,
): Promise<void> {
  if (!isDeleting(prime) && target.metadata.uid) {
    await removeIfThere(client, CLAIMS, prime.metadata);
  }
}
