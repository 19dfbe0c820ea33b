/**
 * Host-assisted copy: a source pod reads the source block by block and sends it to an upload pod,
 * which writes an empty helper claim. It works between any two classes, and it is slow.
 */

import { CLAIMS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { ANNOTATION, derivedName } from '../vocabulary.ts';
import { getAnnotation, missingAnnotations } from './cdi.ts';
import {
  type ClonePhase,
  type CloneRun,
  ensureHelperClaim,
  getRequestedSize,
  type Step,
  findTemporaryClaim,
} from './clone-run.ts';
import { readySource } from './source-readiness.ts';
import { ensureWorkerPod } from './worker-pod.ts';

export const HOST_CLONE: ClonePhase = {
  name: 'HostClone',
  async advance(run) {
    const existing = findTemporaryClaim(run);
    if (existing && getAnnotation(existing, ANNOTATION.podPhase) === 'Succeeded') return 'done';
    const source = sourceToCopy(run, existing !== undefined);
    if (source === undefined) return 'waiting';
    const helper =
      existing ??
      (await ensureHelperClaim(run, {
        name: derivedName.temporaryClaim(run.targetUid),
        size: getRequestedSize(run.target),
        bindsImmediately: true,
      }));
    await copyInto(run, helper, source);
    return followUpload(run, helper);
  },
};

/** Once the copy is on the way, its own source pod uses the source: that is no obstacle. */
function sourceToCopy(run: CloneRun, isUnderWay: boolean): string | undefined {
  if (run.source.kind === 'VolumeSnapshot') {
    return derivedName.temporarySourceClaim(run.targetUid);
  }
  return isUnderWay ? run.source.name : readySource(run)?.metadata.name;
}

async function copyInto(
  run: CloneRun,
  helper: PersistentVolumeClaim,
  source: string,
): Promise<void> {
  const { cdi, sourceNamespace: namespace, targetUid } = run;
  const { name } = helper.metadata;
  await ensureWorkerPod(cdi, {
    kind: 'cdi-upload-server',
    namespace,
    name: derivedName.uploadPod(name),
    claims: [name],
    targetUid,
  });
  await ensureWorkerPod(cdi, {
    kind: 'cdi-clone-source',
    namespace,
    name: derivedName.sourcePod(targetUid),
    claims: [name, source],
    targetUid,
  });
}

async function followUpload(run: CloneRun, helper: PersistentVolumeClaim): Promise<Step> {
  const { cdi, sourceNamespace, targetUid } = run;
  const pod = cdi.lab.copies.pods.get(sourceNamespace, derivedName.sourcePod(targetUid));
  const phase = pod?.status?.phase;
  if (phase === undefined) return 'waiting';
  const annotations = missingAnnotations(helper, { [ANNOTATION.podPhase]: phase });
  if (annotations) {
    const patch = { metadata: { annotations } };
    await cdi.client.patch(CLAIMS, helper.metadata, patch);
  }
  return phase === 'Succeeded' ? 'done' : 'waiting';
}
