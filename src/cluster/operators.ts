/** The objects of the operators, as far as they say what is installed. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';

export interface OperatorObject extends KubeObject {
  readonly spec?: { readonly tuningPolicy?: string };
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
export const HYPERCONVERGEDS = operator(
  'hco.kubevirt.io',
  'v1beta1',
  'hyperconvergeds',
  'HyperConverged',
  true,
);

function operator(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced: boolean,
): Resource<OperatorObject> {
  return { group, version, plural, kind, namespaced };
}
