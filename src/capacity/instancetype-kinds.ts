/** Where the objects that a VM's matchers name live in the API. */

import type { Matcher } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';

interface Kinds {
  readonly namespaced: Resource;
  readonly cluster: Resource;
}

const KINDS = {
  instancetype: {
    namespaced: kind('virtualmachineinstancetypes', 'VirtualMachineInstancetype', true),
    cluster: kind('virtualmachineclusterinstancetypes', 'VirtualMachineClusterInstancetype', false),
  },
  preference: {
    namespaced: kind('virtualmachinepreferences', 'VirtualMachinePreference', true),
    cluster: kind('virtualmachineclusterpreferences', 'VirtualMachineClusterPreference', false),
  },
} as const satisfies Readonly<Record<string, Kinds>>;

/** What a matcher names. */
export type MatchedRole = keyof typeof KINDS;

/** Undefined where no such kind exists; the cluster's where the matcher names none. */
export function matcherResource(
  { kind: asked = '' }: Matcher,
  what: MatchedRole,
): Resource | undefined {
  const { namespaced, cluster }: Kinds = KINDS[what];
  const name = asked.toLowerCase();
  if (name === '' || names(cluster).includes(name)) return cluster;
  return names(namespaced).includes(name) ? namespaced : undefined;
}

function names({ plural, kind: singular }: Resource): readonly string[] {
  return [plural, singular.toLowerCase()];
}

function kind(plural: string, name: string, namespaced: boolean): Resource<KubeObject> {
  return { group: 'instancetype.kubevirt.io', version: 'v1beta1', plural, kind: name, namespaced };
}
