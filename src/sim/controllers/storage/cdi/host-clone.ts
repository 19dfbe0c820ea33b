/**
 * Host-assisted copy (pkg/controller/clone/host-clone.go, upload-controller.go and
 * clone-controller.go, v1.58.4): an upload pod takes what is written to an empty helper claim, and
 * once it is ready a source pod reads the source block by block and sends it there. It works
 * between any two classes, and it is slow.
 */

import type { Pod } from '../../../../api/compute.ts';
import { CLAIMS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { ANNOTATION, derivedName } from '../vocabulary.ts';
import { getAnnotation, missingAnnotations } from './cdi.ts';
import {
  type ClonePhase,
  type CloneRun,
  ensureHelperClaim,
  findTemporaryClaim,
  getRequestedSize,
} from './clone-run.ts';
import { readySource } from './source-readiness.ts';
import { ensureWorkerPod } from './worker-pod.ts';

export const HOST_CLONE: ClonePhase = {
  name: 'HostClone',
  async advance(run) {
    const helper =
      findTemporaryClaim(run) ??
      (await ensureHelperClaim(run, {
        name: derivedName.temporaryClaim(run.targetUid),
        size: getRequestedSize(run.target),
        bindsImmediately: true,
      }));
    if (getAnnotation(helper, ANNOTATION.podPhase) === 'Succeeded') return 'done';
    const upload = await attendUpload(run, helper);
    if (upload?.status?.phase === 'Succeeded') return 'done';
    if (upload && isReady(upload)) await send(run, helper);
    return 'waiting';
  },
};

/** The pod that takes the bytes, and what the helper claim says of it. */
async function attendUpload(
  { cdi, sourceNamespace: namespace, targetUid }: CloneRun,
  helper: PersistentVolumeClaim,
): Promise<Pod | undefined> {
  const name = derivedName.uploadPod(helper.metadata.name);
  const pod = cdi.lab.copies.pods.get(namespace, name);
  if (!pod) {
    const claim = helper.metadata.name;
    await ensureWorkerPod(cdi, { kind: 'cdi-upload-server', namespace, name, claim, targetUid });
    return undefined;
  }
  const annotations = missingAnnotations(helper, {
    [ANNOTATION.podPhase]: pod.status?.phase ?? '',
    [ANNOTATION.podReady]: String(isReady(pod)),
  });
  if (annotations) await cdi.client.patch(CLAIMS, helper.metadata, { metadata: { annotations } });
  return pod;
}

function isReady({ status }: Pod): boolean {
  const { containerStatuses = [] } = status ?? {};
  return containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready);
}

async function send(run: CloneRun, helper: PersistentVolumeClaim): Promise<void> {
  const { cdi, sourceNamespace: namespace, targetUid } = run;
  const name = derivedName.sourcePod(targetUid);
  if (cdi.lab.copies.pods.get(namespace, name)) return;
  const claim = findSource(run);
  if (claim === undefined) return;
  await ensureWorkerPod(cdi, {
    kind: 'cdi-clone-source',
    namespace,
    name,
    claim,
    sendsTo: helper.metadata.name,
    targetUid,
  });
}

/** A snapshot is read from the volume that was restored from it for this copy alone. */
function findSource(run: CloneRun): string | undefined {
  if (run.source.kind === 'VolumeSnapshot') return derivedName.temporarySourceClaim(run.targetUid);
  return readySource(run)?.metadata.name;
}
