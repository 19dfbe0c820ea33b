/** Schemas of volumes and claims, classes and attachments. */

import {
  KEYED_CONDITIONS,
  kindSchema,
  LABEL_SELECTOR,
  OBJECT_REFERENCE,
  TYPED_REFERENCE,
} from './metadata.ts';
import {
  opaque,
  bool,
  list,
  mapSchema,
  object,
  quantity,
  type Schema,
  str,
  time,
} from './schema.ts';

const ACCESS_MODES = list('How the volume may be mounted.', str('A mode.'));
const CAPACITY = mapSchema('Amounts by resource.', quantity('An amount, as in 22Gi.'));

export const RESOURCES = object('Resources that are asked for.', {
  requests: mapSchema('The least amount of each resource.', quantity('An amount, as in 22Gi.')),
  limits: mapSchema('The most of each resource.', quantity('An amount.')),
  claims: list('Resource claims.', opaque('A claim.')),
});

const VOLUME_MODE = str('Block device or file system.', ['Block', 'Filesystem']);

export const CLAIM_FIELDS: Readonly<Record<string, Schema>> = {
  accessModes: ACCESS_MODES,
  volumeMode: VOLUME_MODE,
  storageClassName: str('Class of the storage.'),
  resources: RESOURCES,
  volumeName: str('Name of the volume that backs the claim.'),
  selector: LABEL_SELECTOR,
  dataSource: { ...TYPED_REFERENCE, atomic: true },
  dataSourceRef: TYPED_REFERENCE,
};

export const CLAIM_SPEC = object('What storage is asked for.', CLAIM_FIELDS);

export const CLAIM = kindSchema('A request for a persistent volume.', {
  spec: CLAIM_SPEC,
  status: object(
    'State of the claim.',
    {
      phase: str('Pending, Bound or Lost.', ['Pending', 'Bound', 'Lost']),
      accessModes: ACCESS_MODES,
      capacity: CAPACITY,
      conditions: KEYED_CONDITIONS,
    },
    { open: true },
  ),
});

export const VOLUME = kindSchema('A piece of storage of the cluster.', {
  spec: object(
    'What the volume is.',
    {
      capacity: CAPACITY,
      accessModes: ACCESS_MODES,
      volumeMode: VOLUME_MODE,
      storageClassName: str('Class of the storage.'),
      persistentVolumeReclaimPolicy: str('What happens when the claim is gone.', [
        'Delete',
        'Retain',
        'Recycle',
      ]),
      claimRef: { ...OBJECT_REFERENCE, description: 'The claim it is bound to.' },
      mountOptions: list('Options of the mount.', str('An option.')),
      nodeAffinity: opaque('Nodes from which the volume can be reached.'),
      csi: object(
        'Volume of a CSI driver.',
        {
          driver: str('Name of the driver.'),
          volumeHandle: str('Name of the volume within the driver.'),
          volumeAttributes: mapSchema('Attributes for the driver.', str('A value.')),
          fsType: str('File system.'),
          readOnly: bool('Whether the volume may only be read.'),
        },
        { required: ['driver', 'volumeHandle'], open: true },
      ),
    },
    { open: true },
  ),
  status: object(
    'State of the volume.',
    {
      phase: str('Pending, Available, Bound, Released or Failed.'),
      reason: str('Why the volume is in this state.'),
      message: str('A text for people.'),
    },
    { open: true },
  ),
});

export const STORAGE_CLASS = kindSchema(
  'A class of storage that claims can ask for.',
  {
    provisioner: str('Driver that makes the volumes.'),
    parameters: mapSchema('Parameters for the driver.', str('A value.')),
    reclaimPolicy: str('What happens to a volume whose claim is gone.', ['Delete', 'Retain']),
    volumeBindingMode: str('When volumes are made.', ['Immediate', 'WaitForFirstConsumer']),
    allowVolumeExpansion: bool('Whether volumes can grow.'),
    mountOptions: list('Options of the mount.', str('An option.')),
    allowedTopologies: list('Where volumes may be made.', opaque('A place.')),
  },
  { required: ['provisioner'] },
);

export const ATTACHMENT = kindSchema('The wish to attach a volume to a node.', {
  spec: object(
    'What is to be attached where.',
    {
      attacher: str('Driver that attaches.'),
      nodeName: str('Name of the node.'),
      source: object('What is attached.', {
        persistentVolumeName: str('Name of the volume.'),
        inlineVolumeSpec: opaque('The volume itself.'),
      }),
    },
    { required: ['attacher', 'nodeName', 'source'] },
  ),
  status: object('What has been done.', {
    attached: bool('Whether the volume is attached.'),
    attachmentMetadata: mapSchema('What the driver says.', str('A value.')),
    attachError: object('Why attaching failed.', { time: time('When.'), message: str('Why.') }),
    detachError: object('Why detaching failed.', { time: time('When.'), message: str('Why.') }),
  }),
});
