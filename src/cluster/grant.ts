/** A right that bench uses: on what, where, in which commands, and what for. */

export interface Grant {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  readonly reach: Reach;
  readonly uses: readonly Use[];
  /** Only where the plan has such work; always where undefined. */
  readonly act?: Act;
  /** What it is for. */
  readonly reason: string;
  /** What is lost without it; undefined: nothing works without it. */
  readonly lost?: string;
}

/** What bench is about: a run with its clean-up, looking at others' load, or a clean-up alone. */
export type Use = 'run' | 'observe' | 'cleanup';

/** Kinds of work in a plan, as far as rights depend on it. */
export type Act =
  /** Creates DataVolumes, VolumeSnapshots, VMs. */
  | 'volumes'
  | 'snapshots'
  | 'vms'
  /** Through KubeVirt's subresources. */
  | 'start'
  | 'stop'
  /** Starts or stops by a patch of the VM's spec. */
  | 'patch'
  /** Asks an OpenShift what only that has: its Prometheus, versions of its operators. */
  | 'openshift';

/** Where a right is needed. */
export type Reach =
  /** In each namespace that objects are created in. */
  | 'namespaces'
  /** In the run's namespace, or in all where it creates objects in several: one stream a kind. */
  | 'watched'
  /** On the Namespace of the run. */
  | 'home'
  /** To create that Namespace, and to delete it: not where it is there before the run. */
  | 'ownHome'
  /** In namespaces of others that disks are cloned from. */
  | 'sources'
  /** In namespaces, the run's own too, with what disks are cloned from and it does not make. */
  | 'origins'
  /** On the route of OpenShift's Thanos. */
  | 'thanos'
  /** On what OpenShift's router is trusted by. */
  | 'routerCertificate'
  /** On the namespace kube-system. */
  | 'kubeSystem'
  /** On the whole cluster. */
  | 'cluster';
