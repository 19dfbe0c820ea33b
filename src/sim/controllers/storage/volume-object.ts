/** The PersistentVolume that the provisioner writes for what the driver has made. */

import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../api/storage.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import type { CsiVolume } from '../../hardware/rbd/csi.ts';
import { BINDING, derivedName, RBD_DRIVER } from './vocabulary.ts';

export function volumeObject(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  volume: CsiVolume,
): PersistentVolume {
  const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: derivedName.volume(uid),
      annotations: {
        [BINDING.provisionedBy]: RBD_DRIVER,
        [BINDING.deletionSecretName]: 'rook-csi-rbd-provisioner',
        [BINDING.deletionSecretNamespace]: 'openshift-storage',
      },
    },
    spec: {
      capacity: { storage: formatQuantity(volume.sizeBytes) },
      accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy === 'Retain' ? 'Retain' : 'Delete',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion,
      },
      csi: {
        driver: RBD_DRIVER,
        volumeHandle: volume.handle,
        volumeAttributes: {
          ...volume.attributes,
          'storage.kubernetes.io/csiProvisionerIdentity': `1717200000000-1-${RBD_DRIVER}`,
        },
      },
    },
  };
}
