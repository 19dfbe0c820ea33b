/** The PersistentVolume that the provisioner writes for what the driver has made. */

import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../api/storage.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import type { CsiVolume, DriverTraits } from '../../hardware/storage/csi.ts';
import { BINDING, derivedName } from './vocabulary.ts';

export function volumeObject(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  volume: CsiVolume,
  { name: driver, secret }: DriverTraits,
): PersistentVolume {
  const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: derivedName.volume(uid),
      annotations: {
        [BINDING.provisionedBy]: driver,
        [BINDING.deletionSecretName]: secret?.name ?? '',
        [BINDING.deletionSecretNamespace]: secret?.namespace ?? '',
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
        driver,
        volumeHandle: volume.handle,
        ...(secret && { controllerExpandSecretRef: secret, nodeStageSecretRef: secret }),
        volumeAttributes: {
          ...volume.attributes,
          'storage.kubernetes.io/csiProvisionerIdentity': `1717200000000-1-${driver}`,
        },
      },
    },
  };
}
