/** What both controllers of a host-assisted copy look at: the claims that are to be copied into. */

import type { Pod } from '../../../../api/compute.ts';
import { CLAIMS } from '../../../../api/resources.ts';
import { makeObjectKey, objectKey } from '../../../../kube/informer.ts';
import { findController } from '../../chassis/ownership.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';

/** Has them looked at again whenever they, or the pods that they own, change. */
export function watchCopies({ copies }: StorageLab, enqueue: (key: string) => void): void {
  copies.claims.onChange((now) => {
    if (!now || getAnnotation(now, ANNOTATION.cloneRequest) === undefined) return;
    enqueue(makeObjectKey(now));
  });
  copies.pods.onChange((now, before) => {
    const pod = (now ?? before) as Pod;
    const owner = findController(pod, CLAIMS.kind);
    if (owner) enqueue(objectKey(pod.metadata.namespace, owner.name));
  });
}
