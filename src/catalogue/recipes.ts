/**
 * What "ready" means of the kinds that a lab is made of, what makes it useless to wait any longer,
 * what may pass and yet explains why it takes so long, and what helps. Data alone, in the words of
 * a scenario file: `until: ready` of an `apply` and `bench lab check` both read it here.
 *
 * Sources: operator-framework/api v1alpha1 (OLM), hyperconverged-cluster-operator 03da3cff,
 * local-storage-operator 0fc5ee54, ocs-operator ab00543d, KubeVirt and CDI v1 APIs, Rook 1.13.
 */

/** A word of `until` or `fails`, as a scenario file has it. */
export interface RecipeWord {
  readonly condition?: string;
  readonly jsonpath?: string;
  readonly event?: string;
  /** Another object; default: of the same name. */
  readonly of?: { readonly kind: string; readonly name: string };
}

export interface RecipeGoal extends Omit<RecipeWord, 'event'> {
  /** Names the stage. */
  readonly name: string;
  readonly count?: {
    readonly kind: string;
    readonly namespace: string | undefined;
    readonly labels: string;
    readonly jsonpath: string;
    readonly is: number;
  };
}

export interface Sign extends RecipeWord {
  readonly remedy: string;
}

export interface Recipe {
  readonly group: string;
  readonly kind: string;
  /** All that has to be so, in the order in which it mostly becomes so. */
  readonly ready: (object: Described) => readonly RecipeGoal[];
  /** Nothing will come of it. */
  readonly fails: readonly Sign[];
  /** May pass; says why it is not ready yet. */
  readonly signs: readonly Sign[];
  /** What the kinds and classes of a cluster are there for afterwards. */
  readonly brings?: 'virtualization' | 'storage';
}

/** What a recipe reads of a manifest. */
export interface Described {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly spec: Readonly<Record<string, unknown>>;
}

const AVAILABLE = { name: 'available', condition: 'Available=True' };

const NAMESPACE: Recipe = {
  group: '',
  kind: 'Namespace',
  ready: () => [{ name: 'active', jsonpath: '{.status.phase}=Active' }],
  fails: [],
  signs: [
    {
      jsonpath: '{.status.phase}=Terminating',
      remedy: 'it is being deleted: wait until it is gone, or see what its finalizers wait for',
    },
  ],
};

const CATALOG_SOURCE: Recipe = {
  group: 'operators.coreos.com',
  kind: 'CatalogSource',
  ready: () => [{ name: 'ready', jsonpath: '{.status.connectionState.lastObservedState}=READY' }],
  fails: [],
  signs: [
    {
      jsonpath: '{.status.connectionState.lastObservedState}=TRANSIENT_FAILURE',
      remedy: 'its pod cannot be reached: can the image of the catalogue be pulled, or mirrored?',
    },
  ],
};

/** A CSV carries a label of its package and namespace (olm controller/operators/decorators). */
function versionLabel({ spec, namespace }: Described): string {
  return `operators.coreos.com/${String(spec['name'])}.${namespace}`;
}

const CHANNEL_REMEDY =
  'the catalogue has no such channel or startingCSV (old versions leave it): look with ' +
  '`oc get packagemanifest NAME -o yaml`, and mirror it where the cluster is disconnected';

const SUBSCRIPTION: Recipe = {
  group: 'operators.coreos.com',
  kind: 'Subscription',
  ready: (object) => [
    { name: 'resolved', jsonpath: '{.status.installPlanRef.name}' },
    { name: 'installed', jsonpath: '{.status.installedCSV}' },
    {
      name: 'succeeded',
      count: {
        kind: 'ClusterServiceVersion',
        namespace: object.namespace,
        labels: versionLabel(object),
        jsonpath: '{.status.phase}=Succeeded',
        is: 1,
      },
    },
  ],
  fails: [
    {
      jsonpath: '{.status.conditions[?(@.reason=="ConstraintsNotSatisfiable")].status}=True',
      remedy: CHANNEL_REMEDY,
    },
    {
      condition: 'BundleUnpackFailed=True',
      remedy: 'the bundle image cannot be pulled: check mirror, pull secret and network',
    },
    {
      condition: 'InstallPlanFailed=True',
      remedy: 'OLM has given up the InstallPlan: `oc describe installplan`, mend, and delete it',
    },
    { jsonpath: '{.status.state}=UpgradeFailed', remedy: 'see the conditions of its CSV' },
  ],
  signs: [
    { condition: 'ResolutionFailed=True', remedy: CHANNEL_REMEDY },
    {
      condition: 'CatalogSourcesUnhealthy=True',
      remedy: 'a CatalogSource is not READY: see its pod in openshift-marketplace',
    },
    {
      condition: 'InstallPlanPending=True',
      remedy: 'approval is Manual: approve the InstallPlan (spec.approved: true)',
    },
  ],
};

const OPERATOR_GROUP: Recipe = {
  group: 'operators.coreos.com',
  kind: 'OperatorGroup',
  ready: () => [{ name: 'resolved', jsonpath: '{.status.namespaces}' }],
  fails: [],
  signs: [
    {
      condition: 'MultipleOperatorGroups=True',
      remedy: 'keep exactly one OperatorGroup in the namespace: no CSV installs beside two',
    },
  ],
};

const HYPERCONVERGED: Recipe = {
  group: 'hco.kubevirt.io',
  kind: 'HyperConverged',
  ready: () => [
    AVAILABLE,
    { name: 'reconciled', condition: 'ReconcileComplete=True' },
    { name: 'settled', condition: 'Progressing=False' },
    { name: 'not degraded', condition: 'Degraded=False' },
    // Later than Available: the webhook of SSP has no endpoints yet (ocs-ci #15717).
    { name: 'healthy', jsonpath: '{.status.systemHealthStatus}=healthy' },
  ],
  fails: [
    {
      jsonpath: '{.status.conditions[?(@.reason=="InvalidRequest")].status}=False',
      remedy: "only the name kubevirt-hyperconverged in the operator's namespace is reconciled",
    },
  ],
  signs: [
    {
      condition: 'Degraded=True',
      remedy: 'one of its components is degraded: see the condition, then that operator',
    },
    {
      jsonpath: '{.status.systemHealthStatus}=error',
      remedy: 'see the conditions, and the pods in its namespace',
    },
  ],
  brings: 'virtualization',
};

const KUBEVIRT: Recipe = {
  group: 'kubevirt.io',
  kind: 'KubeVirt',
  ready: () => [{ name: 'deployed', jsonpath: '{.status.phase}=Deployed' }, AVAILABLE],
  fails: [],
  signs: [
    { condition: 'Degraded=True', remedy: 'see the pods in its namespace, virt-handler first' },
  ],
  brings: 'virtualization',
};

const CDI: Recipe = {
  group: 'cdi.kubevirt.io',
  kind: 'CDI',
  ready: () => [{ name: 'deployed', jsonpath: '{.status.phase}=Deployed' }, AVAILABLE],
  fails: [],
  signs: [{ condition: 'Degraded=True', remedy: 'see the pods in the namespace cdi' }],
  brings: 'virtualization',
};

const LABEL_REMEDY =
  'label the nodes with disks: cluster.ocs.openshift.io/openshift-storage="" (see nodeSelector)';

const DISCOVERY: Recipe = {
  group: 'local.storage.openshift.io',
  kind: 'LocalVolumeDiscovery',
  // Its phase stays Discovering for good when it works.
  ready: () => [AVAILABLE],
  fails: [{ jsonpath: '{.status.phase}=DiscoveryFailed', remedy: LABEL_REMEDY }],
  signs: [{ condition: 'Degraded=True', remedy: LABEL_REMEDY }],
};

const VOLUME_SET: Recipe = {
  group: 'local.storage.openshift.io',
  kind: 'LocalVolumeSet',
  // Available alone only says that it was reconciled: count the volumes as well.
  ready: () => [AVAILABLE, { name: 'daemons', condition: 'DaemonSetsAvailableAndConfigured=True' }],
  fails: [],
  signs: [
    {
      jsonpath: '{.status.totalProvisionedDeviceCount}=0',
      remedy:
        'no disk was taken: see LocalVolumeDiscoveryResults for those that are NotAvailable ' +
        '(a signature of an earlier Ceph: wipefs -a), and the sizes asked for',
    },
  ],
};

const STORAGE_CLUSTER: Recipe = {
  group: 'ocs.openshift.io',
  kind: 'StorageCluster',
  ready: ({ name }) => [
    { name: 'ready', jsonpath: '{.status.phase}=Ready' },
    {
      name: 'healthy',
      jsonpath: '{.status.ceph.health}=HEALTH_OK',
      of: { kind: 'CephCluster', name: `${name}-cephcluster` },
    },
  ],
  fails: [
    { jsonpath: '{.status.phase}=Error', remedy: 'see its conditions: its spec was refused' },
  ],
  signs: [
    {
      jsonpath: '{.status.conditions[?(@.reason=="ReconcileFailed")].message}',
      remedy: LABEL_REMEDY,
    },
    {
      jsonpath: '{.status.phase}=Progressing',
      remedy:
        'see the pods rook-ceph-osd-prepare and the claims of the device sets: a claim larger ' +
        'than the volumes stays Pending, a dirty disk is not prepared',
    },
  ],
  brings: 'storage',
};

const CEPH_CLUSTER: Recipe = {
  group: 'ceph.rook.io',
  kind: 'CephCluster',
  ready: () => [
    { name: 'ready', jsonpath: '{.status.phase}=Ready' },
    { name: 'healthy', jsonpath: '{.status.ceph.health}=HEALTH_OK' },
  ],
  fails: [],
  signs: [
    {
      jsonpath: '{.status.phase}=Failure',
      remedy: 'see its message and the log of rook-ceph-operator',
    },
    {
      jsonpath: '{.status.phase}=Progressing',
      remedy: 'see the pods rook-ceph-osd-prepare: is a disk dirty, or of another size?',
    },
  ],
  brings: 'storage',
};

const CLAIM: Recipe = {
  group: '',
  kind: 'PersistentVolumeClaim',
  ready: () => [{ name: 'bound', jsonpath: '{.status.phase}=Bound' }],
  fails: [{ jsonpath: '{.status.phase}=Lost', remedy: 'its volume is gone: make it anew' }],
  signs: [
    {
      jsonpath: '{.status.phase}=Pending',
      remedy: '`kubectl describe` it: is the storage class there, and is its provisioner well?',
    },
  ],
};

export const RECIPES: readonly Recipe[] = [
  NAMESPACE,
  CATALOG_SOURCE,
  OPERATOR_GROUP,
  SUBSCRIPTION,
  HYPERCONVERGED,
  KUBEVIRT,
  CDI,
  DISCOVERY,
  VOLUME_SET,
  STORAGE_CLUSTER,
  CEPH_CLUSTER,
  CLAIM,
];

/** The recipe of a kind, whatever its version; undefined where there is none. */
export function findRecipe(apiVersion: string, kind: string): Recipe | undefined {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  return RECIPES.find((recipe) => recipe.kind === kind && recipe.group === group);
}
