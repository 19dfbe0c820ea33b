/**
 * Host-assisted copy (pkg/controller/clone/host-clone.go, v1.58.4): an empty helper claim asks to
 * be copied into, and two controllers see to it (upload-controller.ts, clone-controller.ts). It
 * works between any two classes, and it is slow. Its end is told by a watch; the poll is for the
 * progress alone.
 */

import { CLAIMS } from '../../../../api/resources.ts';
import { ANNOTATION, derivedName } from '../vocabulary.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { getAnnotation, percentText } from './cdi.ts';
import {
  type ClonePhase,
  type CloneRun,
  ensureHelperClaim,
  findTemporaryClaim,
  getRequestedSize,
  type PhaseReport,
} from './clone-run.ts';

export const HOST_CLONE: ClonePhase = {
  name: 'HostClone',
  async advance(run) {
    const helper =
      findTemporaryClaim(run) ??
      (await ensureHelperClaim(run, {
        name: derivedName.temporaryClaim(run.targetUid),
        size: getRequestedSize(run.target),
        annotations: copyRequest(run),
      }));
    return isCopied(helper) ? 'done' : 'waiting';
  },
  pollUs: ({ cdi }) => cdi.lab.parameters.cdi.copyPollUs,
  report,
};

function copyRequest({ target, sourceNamespace, source }: CloneRun) {
  const { namespace, name } = target.metadata;
  // A snapshot is read from the volume that was restored from it for this copy alone.
  const read =
    source.kind === 'VolumeSnapshot'
      ? derivedName.temporarySourceClaim(target.metadata.uid ?? '')
      : source.name;
  return {
    [ANNOTATION.cloneRequest]: `${sourceNamespace}/${read}`,
    [ANNOTATION.bindImmediate]: '',
    [ANNOTATION.podRestarts]: '0',
    [ANNOTATION.eventSourceKind]: CLAIMS.kind,
    [ANNOTATION.eventSource]: `${namespace}/${name}`,
  };
}

/** What the helper claim says of its pods, and how far the one that sends is. */
function report(run: CloneRun): PhaseReport {
  const helper = findTemporaryClaim(run);
  if (!helper) return {};
  const { annotations = {} } = helper.metadata;
  if (isCopied(helper)) return { annotations, progress: '100.0%' };
  const podName = getAnnotation(helper, ANNOTATION.cloneSourcePod) ?? '';
  const pod = run.cdi.lab.copies.pods.get(run.sourceNamespace, podName);
  const progress = pod && run.cdi.progressOf(pod);
  return { annotations, ...(progress === undefined ? {} : { progress: percentText(progress) }) };
}

function isCopied(helper: PersistentVolumeClaim): boolean {
  return getAnnotation(helper, ANNOTATION.podPhase) === 'Succeeded';
}
