/** The objects of the operators, as far as they say what is installed. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { findAll } from './check.ts';

export interface OperatorObject extends KubeObject {
  readonly spec?: {
    /** HyperConverged v1beta1; v1 has it under `virtualization`. */
    readonly tuningPolicy?: string;
    /** Of a ClusterServiceVersion. */
    readonly version?: string;
    readonly virtualization?: { readonly tuningPolicy?: string };
  };
  readonly status?: {
    readonly phase?: string;
    readonly observedKubeVirtVersion?: string;
    readonly observedVersion?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly versions?: readonly { readonly name: string; readonly version: string }[];
  };
}

export const KUBEVIRTS = operator('kubevirt.io', 'v1', 'kubevirts', 'KubeVirt', true);
export const CDIS = operator('cdi.kubevirt.io', 'v1beta1', 'cdis', 'CDI', false);

/** What OLM has installed. */
export const CLUSTER_SERVICE_VERSIONS = operator(
  'operators.coreos.com',
  'v1alpha1',
  'clusterserviceversions',
  'ClusterServiceVersion',
  true,
);

/** What installs both: older releases serve v1beta1 alone, newer ones v1 as well. */
const HYPERCONVERGEDS = ['v1', 'v1beta1'].map((version) =>
  operator('hco.kubevirt.io', version, 'hyperconvergeds', 'HyperConverged', true),
);

/** In whichever version it is served; undefined where it is in none. */
export async function findHyperConverged(client: KubeClient): Promise<OperatorObject | undefined> {
  for (const resource of HYPERCONVERGEDS) {
    const [found] = await findAll(client, resource);
    if (found) return found;
  }
  return undefined;
}

export function readTuningPolicy({ spec }: OperatorObject): string | undefined {
  return spec?.virtualization?.tuningPolicy ?? spec?.tuningPolicy;
}

function operator(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced: boolean,
): Resource<OperatorObject> {
  return { group, version, plural, kind, namespaced };
}
