/** The pod that CDI starts so that a grown claim is attached once and takes its new size. */

import { PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { derivedName } from '../vocabulary.ts';
import { removeIfThere } from './cdi.ts';
import type { CloneRun } from './clone-run.ts';
import { ensureWorkerPod } from './worker-pod.ts';

export async function ensurePrepPod(run: CloneRun, helper: PersistentVolumeClaim): Promise<void> {
  await ensureWorkerPod(run.cdi, {
    kind: 'prep-claim',
    namespace: run.sourceNamespace,
    name: derivedName.prepPod(run.targetUid),
    claims: [helper.metadata.name],
    targetUid: run.targetUid,
  });
}

/** True where there is no such pod; one that has succeeded is deleted, and then there is none. */
export async function prepIsOver(run: CloneRun): Promise<boolean> {
  const ref = { namespace: run.sourceNamespace, name: derivedName.prepPod(run.targetUid) };
  const pod = run.cdi.lab.copies.pods.get(ref.namespace, ref.name);
  if (!pod) return true;
  if (pod.status?.phase !== 'Succeeded') return false;
  await removeIfThere(run.cdi.client, PODS, ref, { gracePeriodSeconds: 0 });
  return true;
}
