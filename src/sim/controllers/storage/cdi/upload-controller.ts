/**
 * CDI's upload controller (upload-controller.go, v1.58.4), as far as copies need it: a claim that
 * is to be copied into gets a pod that takes the bytes, with a certificate and a Service by whose
 * name it is called, and says how that pod does.
 */

import { PODS } from '../../../../api/resources.ts';
import { splitKey } from '../../../../kube/informer.ts';
import { isDeleting } from '../../chassis/ownership.ts';
import { ANNOTATION, derivedName } from '../vocabulary.ts';
import { annotateClaim, type Cdi, getAnnotation, removeIfThere } from './cdi.ts';
import { watchCopies } from './copies.ts';
import { isReady, reportPod } from './pod-report.ts';
import { ensureService, makeServerCertificate, removeService } from './copy-channel.ts';
import { ensureWorkerPod } from './worker-pod.ts';

export function startUploadController(cdi: Cdi): void {
  const { lab } = cdi;
  const controller = lab.controller({
    name: 'upload-controller',
    workers: lab.parameters.cdi.workers,
    reconcile: async (key) => {
      await reconcile(cdi, key);
      return undefined;
    },
  });
  watchCopies(lab, controller.enqueue);
}

async function reconcile(cdi: Cdi, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = cdi.claims.get(namespace, name);
  const source = claim && getAnnotation(claim, ANNOTATION.cloneRequest);
  if (!claim || source === undefined) return;
  const podName = getAnnotation(claim, ANNOTATION.uploadPod);
  const pod = cdi.lab.copies.pods.get(namespace, podName ?? '');
  if (isDeleting(claim) || getAnnotation(claim, ANNOTATION.podPhase) === 'Succeeded') {
    if (podName !== undefined) await removeService(cdi, claim, podName);
    if (pod && !isDeleting(pod)) await removeIfThere(cdi.client, PODS, pod.metadata);
    return;
  }
  if (podName === undefined) {
    await annotateClaim(cdi, claim, { [ANNOTATION.uploadPod]: derivedName.uploadPod(name) });
  } else if (!pod) {
    const made = await ensureWorkerPod(cdi, { kind: 'cdi-upload-server', name: podName, claim });
    if (made) await makeServerCertificate(cdi, made);
    await ensureService(cdi, claim, podName);
  } else {
    await ensureService(cdi, claim, podName);
    await annotateClaim(cdi, claim, {
      [ANNOTATION.uploadClient]: `${source}-${key}`,
      [ANNOTATION.podPhase]: pod.status?.phase ?? '',
      [ANNOTATION.podReady]: String(isReady(pod)),
      ...reportPod(pod),
    });
  }
}
