/** The pod that CDI starts so that a claim is bound or, once grown, takes its new size. */

import { PODS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { derivedName } from '../vocabulary.ts';
import { removeIfThere } from './cdi.ts';
import type { CloneRun, Step } from './clone-run.ts';
import { ensureWorkerPod } from './worker-pod.ts';

/** Starts it where it is needed, and removes it once it has succeeded. */
export async function attendPrepPod(
  run: CloneRun,
  claim: PersistentVolumeClaim,
  isNeeded: boolean,
): Promise<Step> {
  const ref = { namespace: run.sourceNamespace, name: derivedName.prepPod(run.targetUid) };
  const pod = run.cdi.lab.copies.pods.get(ref.namespace, ref.name);
  if (!isNeeded && !pod) return 'done';
  if (pod?.status?.phase === 'Succeeded') {
    await removeIfThere(run.cdi.client, PODS, ref);
  }
  if (isNeeded && !pod) {
    await ensureWorkerPod(run.cdi, {
      kind: 'cdi-populator-prep',
      name: ref.name,
      claim,
      targetUid: run.targetUid,
    });
  }
  return 'waiting';
}
