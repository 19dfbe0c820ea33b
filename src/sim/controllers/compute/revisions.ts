/**
 * What a VM was when it was started: a ControllerRevision for each start, and none older than the
 * last (kubevirt v1.1.1 watch/vm.go createVMRevision).
 */

import type { VirtualMachine } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { CONTROLLER_REVISIONS, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { createOnce } from '../../../kube/create-once.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ComputeLab } from './lab.ts';
import { findController, controllerReference } from '../chassis/ownership.ts';

export interface Revisions {
  /** Keeps the VM's spec of now, and no older one; resolves with the name it is kept under. */
  store(vm: VirtualMachine): Promise<string>;
}

export function createRevisions(lab: ComputeLab, client: KubeClient): Revisions {
  const copies = lab.informer(CONTROLLER_REVISIONS);
  /** Revisions of starts, by the VM's UID. */
  const owned = new Map<string, KubeObject[]>();
  copies.onChange((now, before) => {
    const revision = now ?? before;
    const owner = revision && findController(revision, VIRTUAL_MACHINES.kind)?.uid;
    if (!revision || !owner || !revision.metadata.name.startsWith(prefix(owner))) return;
    const { name } = revision.metadata;
    const others = (owned.get(owner) ?? []).filter((each) => each.metadata.name !== name);
    const left = now ? others.concat(now) : others;
    if (left.length === 0) owned.delete(owner);
    else owned.set(owner, left);
  });
  return {
    async store(vm) {
      const { uid = '', generation = 1 } = vm.metadata;
      const name = `${prefix(uid)}${generation}`;
      let kept = false;
      for (const { metadata } of owned.get(uid) ?? []) {
        if (metadata.name === name) kept = true;
        else await ignoreNotFound(client.remove(CONTROLLER_REVISIONS, metadata));
      }
      if (!kept) await createOnce(client, CONTROLLER_REVISIONS, buildRevision(vm, name));
      return name;
    },
  };
}

const prefix = (uid: string) => `revision-start-vm-${uid}-`;

function buildRevision(vm: VirtualMachine, name: string): KubeObject {
  const { namespace, generation = 1 } = vm.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: CONTROLLER_REVISIONS.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [controllerReference(vm)],
    },
    data: { spec: vm.spec },
    revision: generation,
  } as KubeObject;
}
