/**
 * CDI's clone controller (clone-controller.go, v1.58.4): once the pod that takes the bytes is found
 * ready, another one reads the source and sends it there. It and the upload controller write what
 * their pods do on the same claim, and while the source's pod starts they do not agree on whether
 * anything runs: each undoes what the other wrote, as fast as CDI may write claims. And it takes
 * every claim that is being deleted for one of its own: it writes that back as it is, which changes
 * nothing and costs CDI's requests for claims all the same.
 */

import type { Pod } from '../../../../api/compute.ts';
import { CLAIMS, PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { ignoreNotFound } from '../../../../kube/api-error.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import { hasFinalizer, isDeleting, withoutFinalizer } from '../../chassis/ownership.ts';
import { ANNOTATION, derivedName, FINALIZER } from '../vocabulary.ts';
import { annotateClaim, type Cdi, getAnnotation, removeIfThere } from './cdi.ts';
import { watchCopies } from './copies.ts';
import { makeClientCertificate } from './copy-channel.ts';
import { reportPod, SOURCE_RUNNING } from './pod-report.ts';
import { createPolls, type Polls } from './polls.ts';
import { readySource, watchSources } from './source-readiness.ts';
import { ensureWorkerPod } from './worker-pod.ts';

interface CloneController extends Cdi {
  readonly polls: Polls;
}

export function startCloneController(cdi: Cdi): void {
  const { lab } = cdi;
  const { workers, cloneSourceInUseRetryUs } = lab.parameters.cdi;
  const controller = lab.controller({
    name: 'clone-controller',
    workers,
    reconcile: async (key) => {
      await reconcile(context, key);
      return undefined;
    },
  });
  const { enqueueAfter } = controller;
  const polls = createPolls(lab.clock, cloneSourceInUseRetryUs, enqueueAfter, lab.recordEvents);
  const context = { ...cdi, polls, events: cdi.recorder('clone-controller') };
  watchCopies(lab, controller.enqueue);
  lab.copies.claims.onChange((now) => {
    if (now && isDeleting(now)) controller.enqueue(makeObjectKey(now));
  });
  watchSources(lab, polls.changed);
  lab.copies.pods.onChange((now, before) => {
    const target = getAnnotation((now ?? before) as Pod, ANNOTATION.storageOwner);
    if (target !== undefined) controller.enqueue(target);
  });
}

async function reconcile(cdi: CloneController, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = cdi.claims.get(namespace, name);
  if (!claim) return;
  const asked = getAnnotation(claim, ANNOTATION.cloneRequest);
  const source = splitKey(asked ?? '');
  const podName = derivedName.sourcePod(claim.metadata.uid ?? '');
  const pod = cdi.lab.copies.pods.get(source.namespace, podName);
  const isCopied = getAnnotation(claim, ANNOTATION.cloneOf) !== undefined;
  if (isDeleting(claim) || asked === undefined || isCopied || claim.status?.phase !== 'Bound') {
    return cleanUp(cdi, claim, pod);
  }
  const isReceived = getAnnotation(claim, ANNOTATION.podPhase) === 'Succeeded';
  if (!isReceived && getAnnotation(claim, ANNOTATION.podReady) !== 'true') return;
  if (!pod && getAnnotation(claim, ANNOTATION.cloneSourcePod) === undefined) {
    return announce(cdi, claim, podName);
  }
  if (!pod && !isReceived) return send(cdi, claim, podName, source);
  if (pod && pod.status?.phase !== 'Running') await makeClientCertificate(cdi, pod);
  await report(cdi, claim, pod, isReceived);
}

/** The name first, and the finalizer that keeps the claim until its source pod is gone. */
async function announce(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  podName: string,
): Promise<void> {
  const { resourceVersion, finalizers = [] } = claim.metadata;
  await client.patch(CLAIMS, claim.metadata, {
    metadata: {
      resourceVersion,
      finalizers: [...finalizers, FINALIZER.cloneSource],
      annotations: { [ANNOTATION.cloneSourcePod]: podName },
    },
  });
}

async function send(
  cdi: CloneController,
  claim: PersistentVolumeClaim,
  podName: string,
  { namespace: sourceNamespace = '', name }: ReturnType<typeof splitKey>,
): Promise<void> {
  const about = splitKey(getAnnotation(claim, ANNOTATION.eventSource) ?? '');
  const source = readySource({
    cdi,
    polls: cdi.polls,
    key: makeObjectKey(claim),
    sourceNamespace,
    source: { kind: CLAIMS.kind, name },
    target: cdi.claims.get(about.namespace, about.name) ?? claim,
  });
  if (!source) return;
  await ensureWorkerPod(cdi, {
    kind: 'cdi-clone-source',
    name: podName,
    claim: source,
    sendsTo: claim,
  });
}

async function report(
  cdi: Cdi,
  claim: PersistentVolumeClaim,
  pod: Pod | undefined,
  isReceived: boolean,
): Promise<void> {
  const isSent = !pod || isOver(pod);
  if (isReceived && isSent) cdi.events.record(claim, 'Normal', 'CloneSucceeded', 'Clone Complete');
  await annotateClaim(cdi, claim, {
    ...(isReceived && isSent ? { [ANNOTATION.cloneOf]: 'true' } : {}),
    ...(pod && reportPod(pod, SOURCE_RUNNING)),
  });
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

async function cleanUp(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  pod: Pod | undefined,
): Promise<void> {
  if (!hasFinalizer(claim, FINALIZER.cloneSource) && !isDeleting(claim)) return;
  if (pod && !isDeleting(pod)) {
    const isReceived = getAnnotation(claim, ANNOTATION.podPhase) === 'Succeeded';
    if (isReceived && pod.status?.phase === 'Running') return;
    await removeIfThere(client, PODS, pod.metadata);
  }
  const patch = withoutFinalizer(claim, FINALIZER.cloneSource);
  await ignoreNotFound(client.patch(CLAIMS, claim.metadata, patch));
}
