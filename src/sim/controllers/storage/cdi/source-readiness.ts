/** When a claim may be cloned: nobody may write to it meanwhile. Snapshots need no such check. */

import type { Pod } from '../../../../api/compute.ts';
import { claimNames } from '../../../../api/pod-claims.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { podsUsing } from '../protection.ts';
import { ANNOTATION, LABEL } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';
import type { CloneRun } from './clone-run.ts';
import type { StorageLab } from '../lab.ts';
import { makeObjectKey, objectKey } from '../../../../kube/informer.ts';

/** Who looks, on whose behalf, and at what. */
type SourceLook = Pick<CloneRun, 'cdi' | 'polls' | 'key' | 'sourceNamespace' | 'source' | 'target'>;

/** Tells of each source that may have become ready since it was last looked at. */
export function watchSources({ copies }: StorageLab, changed: (source: string) => void): void {
  copies.claims.onChange((now, before) => {
    changed(makeObjectKey((now ?? before) as PersistentVolumeClaim));
  });
  copies.snapshots.onChange((now) => {
    if (now) changed(makeObjectKey(now));
  });
  copies.pods.onChange((now, before) => {
    const pod = (now ?? before) as Pod;
    for (const claim of claimNames(pod)) changed(objectKey(pod.metadata.namespace, claim));
  });
  copies.dataVolumes.onChange((now) => {
    if (now?.status?.phase === 'Succeeded') changed(makeObjectKey(now));
  });
}

/**
 * IsSourceClaimReady: bound, populated, and used by no pod but those that copy it. A source in use
 * is looked at again every 2 s.
 */
export function readySource(run: SourceLook): PersistentVolumeClaim | undefined {
  const { cdi, polls, key, sourceNamespace } = run;
  const { copies } = cdi.lab;
  const { name } = run.source;
  const source = copies.claims.get(sourceNamespace, name);
  const users = podsUsing(cdi.lab, sourceNamespace, name).filter((pod) => !onlyReads(pod));
  if (source?.status?.phase === 'Bound' && isPopulated(run, source) && users.length === 0) {
    return source;
  }
  const [user] = users;
  if (user) {
    const pod = `${user.metadata.namespace}/${user.metadata.name}`;
    const text = `pod ${pod} using PersistentVolumeClaim ${name}`;
    cdi.events.record(run.target, 'Warning', 'CloneSourceInUse', text);
  }
  polls.wait(`${sourceNamespace}/${name}`, key);
  return undefined;
}

function isPopulated({ cdi }: SourceLook, source: PersistentVolumeClaim): boolean {
  if (getAnnotation(source, ANNOTATION.createdForDataVolume) === undefined) return true;
  const { namespace, name } = source.metadata;
  const dataVolume = cdi.lab.copies.dataVolumes.get(namespace, name);
  return !dataVolume || dataVolume.status?.phase === 'Succeeded';
}

/** GetPodsUsingPVCs: the source pod of another copy. */
function onlyReads({ metadata }: Pod): boolean {
  return metadata.labels?.[LABEL.component] === 'cdi-clone-source';
}
