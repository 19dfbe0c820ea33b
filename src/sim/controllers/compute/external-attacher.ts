/**
 * The CSI external-attacher beside ceph-csi's provisioner. RBD needs no attach call, so its trivial
 * handler only writes "attached" into each VolumeAttachment; that one PATCH at 5 a second is what
 * makes the 100th volume of a wave wait 18 s (external-attacher v4.5.0 trivial_handler.go).
 */

import { VOLUME_ATTACHMENTS } from '../../../api/resources.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import { makeObjectKey } from '../../../kube/informer.ts';
import { limitedBy } from '../../../kube/client.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import type { ComputeLab } from './lab.ts';
import { createOwnWrites } from '../chassis/own-writes.ts';
import { isDeleting } from '../chassis/ownership.ts';

/** Counts the patches it sends into `counters`. */
export function startExternalAttacher(lab: ComputeLab, counters: { attachPatches: number }): void {
  const { workers, qps, burst } = lab.parameters.attacher;
  const client = lab.client({
    ...limitedBy(createTokenBucket(lab.clock, { qps, burst })),
    component: 'csi-attacher',
  });
  const attachments = lab.informer(VOLUME_ATTACHMENTS);
  const writes = createOwnWrites();
  const reconcile = async (name: string) => {
    const attachment = attachments.get(undefined, name);
    if (!attachment || isDeleting(attachment) || attachment.status?.attached) return undefined;
    if (writes.isBehind(attachment)) return undefined;
    counters.attachPatches += 1;
    const patch = { status: { attached: true } };
    const options = { subresource: 'status' };
    const patched = await ignoreNotFound(
      client.patch(VOLUME_ATTACHMENTS, { name }, patch, options),
    );
    if (patched) writes.wrote(attachment, patched);
    return undefined;
  };
  const controller = lab.controller({ name: 'external-attacher', workers, reconcile });
  attachments.onChange((now, before) => {
    if (!now) {
      if (before) writes.forget(before);
    } else if (!writes.isEcho(now) && !now.status?.attached) controller.enqueue(makeObjectKey(now));
  });
}
