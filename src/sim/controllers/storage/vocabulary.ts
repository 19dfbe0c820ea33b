/** Names by which CDI, the CSI sidecars and Kubernetes talk to each other through objects. */

import { BIND_IMMEDIATE, CREATED_FOR } from '../../../api/storage.ts';

/** CDI's annotations (pkg/controller/common/util.go and controller-base.go, v1.58.4). */
export const ANNOTATION = {
  usePopulator: 'cdi.kubevirt.io/storage.usePopulator',
  podRestarts: 'cdi.kubevirt.io/storage.pod.restarts',
  podPhase: 'cdi.kubevirt.io/storage.pod.phase',
  podReady: 'cdi.kubevirt.io/storage.pod.ready',
  contentType: 'cdi.kubevirt.io/storage.contentType',
  preallocation: 'cdi.kubevirt.io/storage.preallocation.requested',
  createdForDataVolume: CREATED_FOR,
  ownedByDataVolume: 'cdi.kubevirt.io/ownedByDataVolume',
  dataSourceNamespace: 'cdi.kubevirt.io/dataSourceNamespace',
  populatorKind: 'cdi.kubevirt.io/storage.populator.kind',
  progress: 'cdi.kubevirt.io/storage.populator.progress',
  primeClaim: 'cdi.kubevirt.io/storage.populator.pvcPrime',
  clonePhase: 'cdi.kubevirt.io/clonePhase',
  cloneType: 'cdi.kubevirt.io/cloneType',
  cloneFallbackReason: 'cdi.kubevirt.io/cloneFallbackReason',
  cloneError: 'cdi.kubevirt.io/cloneError',
  cloneToken: 'cdi.kubevirt.io/storage.clone.token',
  extendedCloneToken: 'cdi.kubevirt.io/storage.extended.clone.token',
  cloneStrategy: 'cdi.kubevirt.io/clone-strategy',
  running: 'cdi.kubevirt.io/storage.condition.running',
  runningMessage: 'cdi.kubevirt.io/storage.condition.running.message',
  runningReason: 'cdi.kubevirt.io/storage.condition.running.reason',
  sourceRunning: 'cdi.kubevirt.io/storage.condition.source.running',
  sourceRunningMessage: 'cdi.kubevirt.io/storage.condition.source.running.message',
  sourceRunningReason: 'cdi.kubevirt.io/storage.condition.source.running.reason',
  /** On the claim that is copied into: what is copied, `namespace/name`, and that it has been. */
  cloneRequest: 'k8s.io/CloneRequest',
  cloneOf: 'k8s.io/CloneOf',
  uploadPod: 'cdi.kubevirt.io/storage.uploadPodName',
  uploadClient: 'cdi.kubevirt.io/uploadClientName',
  createdBy: 'cdi.kubevirt.io/storage.createdByController',
  createdByUpload: 'cdi.kubevirt.io/storage.createdByUploadController',
  cloneSourcePod: 'cdi.kubevirt.io/storage.sourceClonePodName',
  /** What events about it are about instead. */
  eventSourceKind: 'cdi.kubevirt.io/events.source.kind',
  eventSource: 'cdi.kubevirt.io/events.source',
  bindImmediate: BIND_IMMEDIATE,
  importEndpoint: 'cdi.kubevirt.io/storage.import.endpoint',
  importSource: 'cdi.kubevirt.io/storage.import.source',
  importPod: 'cdi.kubevirt.io/storage.import.importPodName',
  /** On a pod: the claim that it works for, `namespace/name`. */
  storageOwner: 'cdi.kubevirt.io/storage.ownerRef',
  permissiveClone: 'cdi.kubevirt.io/permissiveClone',
  prePopulated: 'cdi.kubevirt.io/storage.prePopulated',
  populatedFor: 'cdi.kubevirt.io/storage.populatedFor',
  checkStaticVolume: 'cdi.kubevirt.io/storage.checkStaticVolume',
  allowClaimAdoption: 'cdi.kubevirt.io/allowClaimAdoption',
} as const;

/** Kubernetes' own. */
export const BINDING = {
  completed: 'pv.kubernetes.io/bind-completed',
  byController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  deletionSecretName: 'volume.kubernetes.io/provisioner-deletion-secret-name',
  deletionSecretNamespace: 'volume.kubernetes.io/provisioner-deletion-secret-namespace',
  selectedNode: 'volume.kubernetes.io/selected-node',
  defaultClass: 'storageclass.kubernetes.io/is-default-class',
  defaultSnapshotClass: 'snapshot.storage.kubernetes.io/is-default-class',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  defaultVirtClass: 'storageclass.kubevirt.io/is-default-virt-class',
} as const;

export const LABEL = {
  app: 'app',
  component: 'cdi.kubevirt.io',
  appComponent: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  fillingUpAlert: 'alerts.k8s.io/KubePersistentVolumeFillingUp',
  ownedByUid: 'cdi.kubevirt.io/OwnedByUID',
  /** Of an upload server: UID of the claim that it writes, and the name of its Service. */
  uploadTarget: 'cdi.kubevirt.io/uploadTarget',
  uploadService: 'service',
  /** UID of the claim that a source pod reads. */
  copySource: 'cdi.kubevirt.io/hostAssistedSourcePodCloneSource',
} as const;

export const CDI_APP = 'containerized-data-importer';

export const FINALIZER = {
  clonePopulator: 'cdi.kubevirt.io/clonePopulator',
  dataVolume: 'cdi.kubevirt.io/dataVolumeFinalizer',
  cloneSource: 'cdi.kubevirt.io/cloneSource',
  claimProtection: 'kubernetes.io/pvc-protection',
  volumeProtection: 'kubernetes.io/pv-protection',
  cloningProtection: 'provisioner.storage.kubernetes.io/cloning-protection',
  snapshotAsSource: 'snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection',
  snapshotBound: 'snapshot.storage.kubernetes.io/volumesnapshot-bound-protection',
  contentBound: 'snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection',
  claimAsSource: 'snapshot.storage.kubernetes.io/pvc-as-source-protection',
} as const;

export const SNAPSHOT_ANNOTATION = {
  beingCreated: 'snapshot.storage.kubernetes.io/volumesnapshot-being-created',
  beingDeleted: 'snapshot.storage.kubernetes.io/volumesnapshot-being-deleted',
  secretName: 'snapshot.storage.kubernetes.io/deletion-secret-name',
  secretNamespace: 'snapshot.storage.kubernetes.io/deletion-secret-namespace',
} as const;

/** Of Rook's VolumeSnapshotClass and StorageClass for RBD. */
export const SNAPSHOTTER_SECRET = {
  name: 'rook-csi-rbd-provisioner',
  namespace: 'openshift-storage',
} as const;

export const CDI_GROUP = 'cdi.kubevirt.io';
export const CLONE_SOURCE_KIND = 'VolumeCloneSource';
export const IMPORT_SOURCE_KIND = 'VolumeImportSource';

/** Objects that CDI derives from another, named by that one's UID. */
export const derivedName = {
  cloneSource: (dataVolumeUid: string) => `volume-clone-source-${dataVolumeUid}`,
  importSource: (dataVolumeUid: string) => `volume-import-source-${dataVolumeUid}`,
  temporaryClaim: (targetUid: string) => `tmp-pvc-${targetUid}`,
  temporarySourceClaim: (targetUid: string) => `tmp-source-pvc-${targetUid}`,
  temporarySnapshot: (targetUid: string) => `tmp-snapshot-${targetUid}`,
  primeClaim: (targetUid: string) => `prime-${targetUid}`,
  prepPod: (targetUid: string) => `prep-${targetUid}`,
  sourcePod: (claimUid: string) => `${claimUid}-source-pod`,
  uploadPod: (claimName: string) => `cdi-upload-${claimName}`,
  importerPod: (claimName: string) => `importer-${claimName}`,
  volume: (claimUid: string) => `pvc-${claimUid}`,
  snapshotContent: (snapshotUid: string) => `snapcontent-${snapshotUid}`,
} as const;
