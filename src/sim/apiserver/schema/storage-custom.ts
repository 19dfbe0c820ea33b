/** Schemas of snapshots and of CDI's kinds. */

import { CLAIM_FIELDS, CLAIM_SPEC } from './claims.ts';
import { CONDITIONS, kindSchema, OBJECT_REFERENCE, TYPED_REFERENCE } from './metadata.ts';
import {
  opaque,
  bool,
  empty,
  int,
  list,
  mapSchema,
  object,
  type Schema,
  str,
  time,
} from './schema.ts';

const SNAPSHOT_ERROR = object('The last error.', { time: time('When.'), message: str('What.') });
const POLICY = str('What happens when the snapshot object is gone.', ['Delete', 'Retain']);

export const SNAPSHOT = kindSchema(
  'A request for a snapshot of a volume.',
  {
    spec: object(
      'What is to be snapshotted.',
      {
        source: object('Where the snapshot comes from: one of two.', {
          persistentVolumeClaimName: str('Claim whose volume is snapshotted.'),
          volumeSnapshotContentName: str('Snapshot that exists already.'),
        }),
        volumeSnapshotClassName: str('Class of the snapshot.'),
      },
      { required: ['source'] },
    ),
    status: object('State of the snapshot.', {
      boundVolumeSnapshotContentName: str('Content to which it is bound.'),
      creationTime: time('When the storage took the snapshot.'),
      readyToUse: bool('Whether volumes can be made of it.'),
      restoreSize: str('Least size of a volume made of it.'),
      error: SNAPSHOT_ERROR,
      volumeGroupSnapshotName: str('Group snapshot it belongs to.'),
    }),
  },
  { required: ['spec'] },
);

export const SNAPSHOT_CONTENT = kindSchema(
  'A snapshot as the storage has it.',
  {
    spec: object(
      'What the snapshot is.',
      {
        volumeSnapshotRef: OBJECT_REFERENCE,
        deletionPolicy: POLICY,
        driver: str('Driver of the storage.'),
        volumeSnapshotClassName: str('Class of the snapshot.'),
        sourceVolumeMode: str('Mode of the volume it was taken from.'),
        source: object('Where it comes from.', {
          volumeHandle: str('Volume that is snapshotted.'),
          snapshotHandle: str('Snapshot that exists already.'),
        }),
      },
      { required: ['deletionPolicy', 'driver', 'source', 'volumeSnapshotRef'] },
    ),
    status: object('State of the snapshot.', {
      snapshotHandle: str('Name of the snapshot within the driver.'),
      creationTime: int('Nanoseconds since 1970 at which it was taken.'),
      restoreSize: int('Bytes of a volume made of it.'),
      readyToUse: bool('Whether volumes can be made of it.'),
      error: SNAPSHOT_ERROR,
      volumeGroupSnapshotHandle: str('Group snapshot it belongs to.'),
    }),
  },
  { required: ['spec'] },
);

export const SNAPSHOT_CLASS = kindSchema(
  'A class of snapshots.',
  {
    driver: str('Driver that takes the snapshots.'),
    deletionPolicy: POLICY,
    parameters: mapSchema('Parameters for the driver.', str('A value.')),
  },
  { required: ['driver', 'deletionPolicy'] },
);

const NAMED_SOURCE = object(
  'An object to copy from.',
  { name: str('Name of the object.'), namespace: str('Namespace of the object.') },
  { required: ['name', 'namespace'] },
);

const NETWORK_SOURCE = (what: string) =>
  object(
    what,
    {
      url: str('Where the image is.'),
      secretRef: str('Secret with credentials.'),
      certConfigMap: str('Config map with the CA.'),
    },
    { open: true },
  );

const SOURCE = object('Where the data comes from: one of these.', {
  blank: empty('An empty disk.'),
  http: NETWORK_SOURCE('An image on a web server.'),
  registry: NETWORK_SOURCE('An image in a container registry.'),
  s3: NETWORK_SOURCE('An image in an S3 bucket.'),
  gcs: NETWORK_SOURCE('An image in a GCS bucket.'),
  imageio: NETWORK_SOURCE('An image of oVirt.'),
  vddk: opaque('An image of vSphere.'),
  upload: empty('Data that a client uploads.'),
  pvc: { ...NAMED_SOURCE, description: 'A claim to clone.' },
  snapshot: { ...NAMED_SOURCE, description: 'A snapshot to clone.' },
});

const STORAGE_FIELDS: Readonly<Record<string, Schema>> = CLAIM_FIELDS;

export const DATA_VOLUME_SPEC = object('What disk is wanted and what is on it.', {
  source: SOURCE,
  sourceRef: { ...TYPED_REFERENCE, description: 'A DataSource to clone from.' },
  storage: object('The storage, completed from the profile of its class.', STORAGE_FIELDS),
  pvc: { ...CLAIM_SPEC, description: 'The claim, exactly as it is to be made.' },
  contentType: str('kubevirt or archive.', ['kubevirt', 'archive']),
  preallocation: bool('Whether all space is written at once.'),
  priorityClassName: str('Priority of the pods that move the data.'),
  checkpoints: list('Stages of an import in stages.', opaque('A stage.')),
  finalCheckpoint: bool('Whether the last stage is given.'),
});

export const DATA_VOLUME = kindSchema(
  'A disk together with where its data comes from.',
  {
    spec: DATA_VOLUME_SPEC,
    status: object(
      'State of the data volume.',
      {
        claimName: str('Claim that was made.'),
        phase: str('Where the work stands.'),
        progress: str('Share of the data that was moved, or N/A.'),
        restartCount: int('How often the pod that moves the data was restarted.'),
        conditions: CONDITIONS,
      },
      { open: true },
    ),
  },
  { required: ['spec'] },
);

export const DATA_SOURCE = kindSchema(
  'A name for a golden image.',
  {
    spec: object('The image.', {
      source: object('One of these.', {
        pvc: NAMED_SOURCE,
        snapshot: NAMED_SOURCE,
        dataSource: NAMED_SOURCE,
      }),
    }),
    status: object('State of the source.', {
      source: opaque('The image.'),
      conditions: CONDITIONS,
    }),
  },
  { required: ['spec'] },
);

export const STORAGE_PROFILE = kindSchema('What CDI knows of a storage class.', {
  spec: object(
    'What the administrator says of the class.',
    {
      cloneStrategy: str('How volumes are cloned.', ['copy', 'snapshot', 'csi-clone']),
      claimPropertySets: list('Access and volume modes.', opaque('A pair of modes.')),
      dataImportCronSourceFormat: str('Format of imported images.', ['snapshot', 'pvc']),
      snapshotClass: str('Snapshot class for cloning.'),
    },
    { open: true },
  ),
  status: opaque('What CDI found out of the class.'),
});
