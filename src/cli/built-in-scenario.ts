/**
 * The cluster that is served where no scenario names another: the article's classes and image.
 * Whatever else is imported holds what the first image holds.
 */

export const BUILT_IN_NAME = 'the built-in cluster';

export const BUILT_IN_SCENARIO = `name: cluster
storage:
  class: ocs-storagecluster-ceph-rbd-virtualization
  snapshotClass: ocs-storagecluster-rbdplugin-snapclass
images:
  rhel9:
    import: { url: "http://127.0.0.1:8000/rhel9_uefi.qcow2" }
    size: 22Gi
steps:
  - pause: 1s
simulation:
  images:
    rhel9: { guest: rhel9, data: 4377Mi }
`;

/** Of the same pool; the first is Kubernetes' own, the second made for VMs. */
export const BUILT_IN_CLASSES = {
  storageClasses: ['ocs-storagecluster-ceph-rbd', 'ocs-storagecluster-ceph-rbd-virtualization'],
};
