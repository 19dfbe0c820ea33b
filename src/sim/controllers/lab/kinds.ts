/** The kinds of operators, and their CustomResourceDefinitions: any fields, with a status apart. */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';

/** With a spec and a status that only these controllers read. */
export interface Loose extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const OLM = 'operators.coreos.com';
export const SUBSCRIPTIONS = kind(OLM, 'v1alpha1', 'subscriptions', 'Subscription');
export const INSTALL_PLANS = kind(OLM, 'v1alpha1', 'installplans', 'InstallPlan');
export const VERSIONS = kind(OLM, 'v1alpha1', 'clusterserviceversions', 'ClusterServiceVersion');
const CATALOG_SOURCES = kind(OLM, 'v1alpha1', 'catalogsources', 'CatalogSource');
export const OPERATOR_GROUPS = kind(OLM, 'v1', 'operatorgroups', 'OperatorGroup');

const LOCAL = 'local.storage.openshift.io';
export const DISCOVERIES = kind(
  LOCAL,
  'v1alpha1',
  'localvolumediscoveries',
  'LocalVolumeDiscovery',
);
export const RESULTS = kind(
  LOCAL,
  'v1alpha1',
  'localvolumediscoveryresults',
  'LocalVolumeDiscoveryResult',
);
export const VOLUME_SETS = kind(LOCAL, 'v1alpha1', 'localvolumesets', 'LocalVolumeSet');

export const STORAGE_CLUSTERS = kind('ocs.openshift.io', 'v1', 'storageclusters', 'StorageCluster');

/** Served whatever is installed: bench's simulated server always knows them. */
export const HYPERCONVERGEDS = kind(
  'hco.kubevirt.io',
  'v1beta1',
  'hyperconvergeds',
  'HyperConverged',
);
export const KUBEVIRTS = kind('kubevirt.io', 'v1', 'kubevirts', 'KubeVirt');
export const CDIS = { ...kind('cdi.kubevirt.io', 'v1beta1', 'cdis', 'CDI'), namespaced: false };
export const CEPH_CLUSTERS = kind('ceph.rook.io', 'v1', 'cephclusters', 'CephCluster');
export const BLOCK_POOLS = kind('ceph.rook.io', 'v1', 'cephblockpools', 'CephBlockPool');
export const DAEMON_SETS = kind('apps', 'v1', 'daemonsets', 'DaemonSet');
export const DEFINITIONS: Resource = {
  ...kind('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition'),
  namespaced: false,
};

/** What OLM brings: there before any operator. */
export const OLM_KINDS = [
  SUBSCRIPTIONS,
  INSTALL_PLANS,
  VERSIONS,
  CATALOG_SOURCES,
  OPERATOR_GROUPS,
] as const;

export function makeDefinition({ group, version, plural, kind: name }: Resource): KubeObject {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: DEFINITIONS.kind,
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        plural,
        singular: name.toLowerCase(),
        kind: name,
        listKind: `${name}List`,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
        },
      ],
    },
  };
}

export function groupVersion({ group, version }: Resource): string {
  return `${group}/${version}`;
}

function kind(group: string, version: string, plural: string, name: string): Resource<Loose> {
  return { group, version, plural, kind: name, namespaced: true };
}
