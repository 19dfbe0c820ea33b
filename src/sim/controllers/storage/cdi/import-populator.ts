/**
 * CDI's import populator and importer controller (populators/import-populator.go, v1.58.4): a prime
 * claim is filled by an importer pod, and its volume is then given to the target. What the pod does
 * is written on the prime claim first and copied to the target, whose DataVolume reports it.
 */

import type { Pod } from '../../../../api/compute.ts';
import { CLAIMS, PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeImportSource } from '../../../../api/storage.ts';
import type { Clock } from '../../../../core/clock.ts';
import { SECOND } from '../../../../core/duration.ts';
import type { ReconcileResult } from '../../../../kube/controller.ts';
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
  getAnnotation,
  type Cdi,
  missingAnnotations,
  removeIfThere,
  findStorageClass,
} from './cdi.ts';
import { rebind } from './rebind.ts';
import type { Transfers } from './transfers.ts';
import { ensureWorkerPod } from './worker-pod.ts';

/** CDI v1.58.4: a running import is looked at every 2 s for its progress. */
const PROGRESS_PERIOD_US = 2 * SECOND;

export function startImportPopulator(cdi: Cdi, transfers: Transfers): void {
  const { copies, parameters, clock } = cdi.lab;
  const meter = createMeter(clock, transfers);
  const controller = cdi.lab.controller({
    name: 'import populator',
    workers: parameters.cdi.workers,
    reconcile: (key) => reconcile(cdi, meter, key),
  });
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

/** Progress as it was at the last poll: looks in between must not see it move. */
interface Meter {
  read(pod: Pod): { readonly progress: number | undefined; readonly isNew: boolean };
}

function createMeter(clock: Clock, transfers: Transfers): Meter {
  const readings = new Map<string, { readonly progress: number; readonly dueUs: number }>();
  return {
    read(pod) {
      const uid = pod.metadata.uid ?? '';
      const last = readings.get(uid);
      const progress = transfers.progressOf(pod);
      if (progress === undefined) {
        readings.delete(uid);
        return { progress, isNew: false };
      }
      if (last && last.dueUs > clock.nowUs()) return { progress: last.progress, isNew: false };
      readings.set(uid, { progress, dueUs: clock.nowUs() + PROGRESS_PERIOD_US });
      return { progress, isNew: true };
    },
  };
}

async function reconcile(cdi: Cdi, meter: Meter, key: string): Promise<ReconcileResult> {
  const { lab, claims } = cdi;
  const { namespace, name } = splitKey(key);
  const target = claims.get(namespace, name);
  if (!target || findPopulator(target) !== IMPORT_SOURCE_KIND || isDeleting(target))
    return undefined;
  const prime = claims.get(namespace, derivedName.primeClaim(target.metadata.uid ?? ''));
  if (target.status?.phase === 'Bound') {
    if (prime) await cleanUp(cdi, target, prime);
    return undefined;
  }
  if (target.status?.phase === 'Lost') return undefined;
  const source = lab.copies.importSources.get(namespace, target.spec.dataSourceRef?.name ?? '');
  if (!source || waitsForConsumer(findStorageClass(cdi, target), target)) return undefined;
  if (!prime) {
    await createOnce(cdi.client, CLAIMS, primeObject(target, source));
    return undefined;
  }
  return advance(cdi, meter, target, prime);
}

async function advance(
  cdi: Cdi,
  meter: Meter,
  target: PersistentVolumeClaim,
  prime: PersistentVolumeClaim,
): Promise<ReconcileResult> {
  const { namespace = '', name } = prime.metadata;
  const podName = derivedName.importerPod(name);
  const pod = cdi.lab.copies.pods.get(namespace, podName);
  if (!pod) {
    if (getAnnotation(prime, ANNOTATION.podPhase) === 'Succeeded')
      return handOver(cdi, prime, target);
    await ensureWorkerPod(cdi, {
      kind: 'importer',
      namespace,
      name: podName,
      claim: name,
      targetUid: target.metadata.uid ?? '',
      owner: controllerReference(prime),
      endpoint: getAnnotation(prime, ANNOTATION.importEndpoint) ?? '',
    });
    return undefined;
  }
  const reading = meter.read(pod);
  const report = podReport(pod, reading.progress);
  await annotate(cdi, prime, { ...report, [ANNOTATION.importPod]: podName });
  await annotate(cdi, target, { ...report, [ANNOTATION.primeClaim]: name });
  if (pod.status?.phase === 'Succeeded') return handOver(cdi, prime, target);
  return reading.isNew ? { afterUs: PROGRESS_PERIOD_US } : undefined;
}

async function handOver(
  cdi: Cdi,
  prime: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
): Promise<undefined> {
  if (prime.status?.phase === 'Bound') await rebind(cdi, prime, target);
  return undefined;
}

async function annotate(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const annotations = missingAnnotations(claim, wanted);
  if (!annotations) return;
  await client.patch(CLAIMS, claim.metadata, { metadata: { annotations } });
}

/** What a pod's state means for phase, restarts, progress and the Running condition. */
function podReport(pod: Pod, progress: number | undefined): Readonly<Record<string, string>> {
  const phase = pod.status?.phase ?? 'Pending';
  const restarts = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
  const running = (value: string, reason: string, message: string) => ({
    [ANNOTATION.podPhase]: phase,
    [ANNOTATION.podRestarts]: String(restarts),
    [ANNOTATION.running]: value,
    [ANNOTATION.runningReason]: reason,
    [ANNOTATION.runningMessage]: message,
  });
  if (phase === 'Succeeded') {
    return { ...running('false', 'Completed', 'Import Complete'), [ANNOTATION.progress]: '100.0%' };
  }
  if (phase !== 'Running') return running('false', phase, '');
  if (restarts > 0) return running('false', 'Error', 'Unable to process data');
  return {
    ...running('true', 'Pod is running', ''),
    ...(progress === undefined ? {} : { [ANNOTATION.progress]: `${(progress * 100).toFixed(2)}%` }),
  };
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
  { lab, client }: Cdi,
  target: PersistentVolumeClaim,
  prime: PersistentVolumeClaim,
): Promise<void> {
  const { namespace, name } = prime.metadata;
  const pod = { namespace, name: derivedName.importerPod(name) };
  if (lab.copies.pods.get(namespace, pod.name)) {
    await removeIfThere(client, PODS, pod, { gracePeriodSeconds: 0 });
  }
  if (!isDeleting(prime) && target.metadata.uid) {
    await removeIfThere(client, CLAIMS, prime.metadata);
  }
}
