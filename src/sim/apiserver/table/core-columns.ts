/** Columns of the core kinds (kubernetes pkg/printers/internalversion/printers.go). */

import type { KubeEvent, Node } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../../../api/storage.ts';
import { AGE_COLUMN, type Column, column, NAME_COLUMN } from './column.ts';
import { formatAge } from './human-duration.ts';

const NONE = '<none>';

export const NAMESPACE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Status', (object) => getPhase(object)),
  AGE_COLUMN,
];

const nodeInfo = (name: string, key: string, wide = true) =>
  column(name, (node) => (node as Node).status?.nodeInfo?.[key] ?? '<unknown>', { wide });

export const NODE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Status', (node) => nodeStatus(node as Node)),
  column('Roles', (node) => nodeRoles(node)),
  AGE_COLUMN,
  nodeInfo('Version', 'kubeletVersion', false),
  column('Internal-IP', (node) => nodeAddress(node, 'InternalIP'), { wide: true }),
  column('External-IP', (node) => nodeAddress(node, 'ExternalIP'), { wide: true }),
  nodeInfo('OS-Image', 'osImage'),
  nodeInfo('Kernel-Version', 'kernelVersion'),
  nodeInfo('Container-Runtime', 'containerRuntimeVersion'),
];

export const CLAIM_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Status', (claim) => terminatingOr(claim, getPhase(claim))),
  column('Volume', (claim) => (claim as PersistentVolumeClaim).spec.volumeName ?? ''),
  column('Capacity', (claim) => boundOnly(claim, ({ status }) => status?.capacity?.['storage'])),
  column('Access Modes', (claim) =>
    boundOnly(claim, ({ status }) => shortModes(status?.accessModes)),
  ),
  column('StorageClass', (claim) => (claim as PersistentVolumeClaim).spec.storageClassName ?? ''),
  AGE_COLUMN,
  column('VolumeMode', (claim) => (claim as PersistentVolumeClaim).spec.volumeMode ?? '<unset>', {
    wide: true,
  }),
];

export const VOLUME_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Capacity', (volume) => readSpec(volume).capacity?.['storage'] ?? '0'),
  column('Access Modes', (volume) => shortModes(readSpec(volume).accessModes)),
  column('Reclaim Policy', (volume) => readSpec(volume).persistentVolumeReclaimPolicy ?? ''),
  column('Status', (volume) => terminatingOr(volume, getPhase(volume))),
  column('Claim', (volume) => {
    const { claimRef } = readSpec(volume);
    return claimRef ? `${claimRef.namespace}/${claimRef.name}` : '';
  }),
  column('StorageClass', (volume) => readSpec(volume).storageClassName ?? ''),
  column('Reason', (volume) => textIn(volume.status, 'reason')),
  AGE_COLUMN,
  column('VolumeMode', (volume) => readSpec(volume).volumeMode ?? '<unset>', { wide: true }),
];

export const STORAGE_CLASS_COLUMNS: readonly Column[] = [
  {
    ...NAME_COLUMN,
    cell: ({ metadata }) =>
      metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
        ? `${metadata.name} (default)`
        : metadata.name,
  },
  column('Provisioner', (object) => (object as StorageClass).provisioner),
  column('ReclaimPolicy', (object) => (object as StorageClass).reclaimPolicy ?? 'Delete'),
  column(
    'VolumeBindingMode',
    (object) => (object as StorageClass).volumeBindingMode ?? 'Immediate',
  ),
  column(
    'AllowVolumeExpansion',
    (object) => (object as StorageClass).allowVolumeExpansion ?? false,
  ),
  AGE_COLUMN,
];

export const ATTACHMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Attacher', (object) => (object as VolumeAttachment).spec.attacher),
  column('PV', (object) => (object as VolumeAttachment).spec.source.persistentVolumeName ?? ''),
  column('Node', (object) => (object as VolumeAttachment).spec.nodeName),
  column('Attached', (object) => (object as VolumeAttachment).status?.attached ?? false, {
    type: 'boolean',
  }),
  AGE_COLUMN,
];

export const EVENT_COLUMNS: readonly Column[] = [
  column('Last Seen', (event, now) => lastSeen(event as KubeEvent, now)),
  column('Type', (event) => (event as KubeEvent).type ?? ''),
  column('Reason', (event) => (event as KubeEvent).reason),
  column('Object', (event) => {
    const { kind, name } = (event as KubeEvent).involvedObject;
    return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
  }),
  column('Subobject', (event) => textIn((event as KubeEvent).involvedObject, 'fieldPath'), {
    wide: true,
  }),
  column('Source', (event) => eventSource(event as KubeEvent), { wide: true }),
  column('Message', (event) => ((event as KubeEvent).message ?? '').trim()),
  column('First Seen', (event, now) => firstSeen(event as KubeEvent, now), { wide: true }),
  column('Count', (event) => (event as KubeEvent).count || 1, { wide: true }),
  { ...NAME_COLUMN, priority: 1 },
];

export const LEASE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column('Holder', ({ spec }) => textIn(spec, 'holderIdentity')),
  AGE_COLUMN,
];

function getPhase(object: KubeObject): string {
  return textIn(object.status, 'phase');
}

function textIn(value: unknown, key: string): string {
  const found = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  return typeof found === 'string' ? found : '';
}

function readSpec(volume: KubeObject): PersistentVolume['spec'] {
  return (volume as PersistentVolume).spec;
}

function terminatingOr(object: KubeObject, phase: string): string {
  return object.metadata.deletionTimestamp === undefined ? phase : 'Terminating';
}

function boundOnly(
  object: KubeObject,
  text: (claim: PersistentVolumeClaim) => string | undefined,
): string {
  const claim = object as PersistentVolumeClaim;
  return claim.spec.volumeName ? (text(claim) ?? '0') : '';
}

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function shortModes(modes: readonly string[] | undefined): string {
  const present = Object.keys(SHORT_MODES).filter((mode) => modes?.includes(mode));
  return present.map((mode) => SHORT_MODES[mode]).join(',');
}

function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec.unschedulable ? `${word},SchedulingDisabled` : word;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: KubeObject): string {
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE_PREFIX) && label.length > ROLE_PREFIX.length)
    .map((label) => label.slice(ROLE_PREFIX.length));
  return roles.length === 0 ? NONE : roles.sort().join(',');
}

function nodeAddress(node: KubeObject, type: string): string {
  const status = node.status as
    | { readonly addresses?: readonly { readonly type: string; readonly address: string }[] }
    | undefined;
  return status?.addresses?.find((address) => address.type === type)?.address ?? NONE;
}

function firstSeen(event: KubeEvent, nowUnixUs: number): string {
  return formatAge(event.firstTimestamp ?? textIn(event, 'eventTime'), nowUnixUs);
}

function lastSeen(event: KubeEvent, nowUnixUs: number): string {
  if (event.lastTimestamp === undefined || event.lastTimestamp === null) {
    return firstSeen(event, nowUnixUs);
  }
  return formatAge(event.lastTimestamp, nowUnixUs);
}

function eventSource(event: KubeEvent): string {
  const component = event.source?.component ?? textIn(event, 'reportingComponent');
  const host = textIn(event.source, 'host');
  return host === '' ? component : `${component}, ${host}`;
}
