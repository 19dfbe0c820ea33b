/** Which pod runs an instance: kept by UID, because an instance of that name may come again. */

import type { Pod } from '../../../api/compute.ts';
import { VMIS, PODS } from '../../../api/resources.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';
import { findController } from '../chassis/ownership.ts';

export interface LauncherPods {
  /** The launcher pod of the VMI; undefined where there is none. */
  of(vmiUid: string): Pod | undefined;
}

/** To be created before whoever reacts to pods, so that it knows of a pod when they do. */
export function createLauncherPods(lab: ComputeLab): LauncherPods {
  const pods = lab.informer(PODS);
  const keys = new Map<string, string>();
  pods.onChange((now, before) => {
    if (now && before) return;
    const pod = now ?? before;
    const owner = pod && findController(pod, VMIS.kind);
    if (!owner) return;
    const key = makeObjectKey(pod);
    if (now) keys.set(owner.uid, key);
    else if (keys.get(owner.uid) === key) keys.delete(owner.uid);
  });
  return {
    of(vmiUid) {
      const key = keys.get(vmiUid);
      if (key === undefined) return undefined;
      const { namespace, name } = splitKey(key);
      return pods.get(namespace, name);
    },
  };
}
