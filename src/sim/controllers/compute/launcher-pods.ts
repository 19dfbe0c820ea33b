/**
 * Which pod runs an instance: kept by UID, because an instance of that name may come again. While
 * it moves it has two; the one on its node runs it (kubevirt pkg/controller CurrentVMIPod), and the
 * other one is got ready for it.
 */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import { VMIS, PODS } from '../../../api/resources.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';
import { isFirstConsumer } from './first-consumer.ts';
import { findController } from '../chassis/ownership.ts';

export interface LauncherPods {
  /** The launcher pod of the VMI; undefined where there is none. */
  of(vmiUid: string): Pod | undefined;
  /** The pod that uses its disks before it; undefined where there is none. */
  firstConsumerOf(vmiUid: string): Pod | undefined;
}

/** To be created before whoever reacts to pods, so that it knows of a pod when they do. */
export function createLauncherPods(lab: ComputeLab): LauncherPods {
  const pods = lab.informer(PODS);
  const vmis = lab.informer(VMIS);
  /** Keys of pods by the UID of their VMI, in order of creation. */
  const keys = new Map<string, readonly string[]>();
  const firstConsumers = new Map<string, string>();
  pods.onChange((now, before) => {
    if (now && before) return;
    const pod = now ?? before;
    const owner = pod && findController(pod, VMIS.kind);
    if (!owner) return;
    const key = makeObjectKey(pod);
    if (isFirstConsumer(pod)) {
      if (now) firstConsumers.set(owner.uid, key);
      else firstConsumers.delete(owner.uid);
      return;
    }
    const others = (keys.get(owner.uid) ?? []).filter((other) => other !== key);
    const left = now ? others.concat(key) : others;
    if (left.length > 0) keys.set(owner.uid, left);
    else keys.delete(owner.uid);
  });
  const get = (key: string) => {
    const { namespace, name } = splitKey(key);
    return pods.get(namespace, name);
  };
  const vmiOf = (pod: Pod | undefined): VirtualMachineInstance | undefined => {
    const owner = pod && findController(pod, VMIS.kind);
    return owner && vmis.get(pod.metadata.namespace, owner.name);
  };
  return {
    firstConsumerOf(vmiUid) {
      const key = firstConsumers.get(vmiUid);
      return key === undefined ? undefined : get(key);
    },
    of(vmiUid) {
      const own = keys.get(vmiUid) ?? [];
      const last = own.at(-1);
      if (last === undefined) return undefined;
      if (own.length === 1) return get(last);
      const all = own.flatMap((key) => get(key) ?? []);
      const node = vmiOf(all[0])?.status?.nodeName;
      return all.findLast(({ spec }) => node === undefined || spec.nodeName === node);
    },
  };
}
