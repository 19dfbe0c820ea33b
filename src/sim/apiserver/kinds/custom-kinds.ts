/**
 * The custom kinds of KubeVirt, CDI, the snapshot controller and Rook: names, columns and
 * subresources as in their CustomResourceDefinitions (KubeVirt v1.1.1, CDI v1.58.4, snapshotter
 * v6.3). VMIs, storage profiles and data sources have no status subresource there.
 */

import * as known from '../../../api/resources.ts';
import { VMI, VM } from '../schema/vm.ts';
import * as storage from '../schema/storage-custom.ts';
import { PRINTED_AGE, printerColumn } from '../table/column.ts';
import {
  custom,
  inVersion,
  type KindDefinition,
  type KindOptions,
  resource,
} from './definition.ts';

const PHASE = printerColumn('Phase', '.status.phase');
const READY = printerColumn('Ready', ".status.conditions[?(@.type=='Ready')].status");

const SNAPSHOT_KINDS: readonly KindDefinition[] = [
  custom(known.SNAPSHOTS, {
    schema: storage.SNAPSHOT,
    shortNames: ['vs'],
    columns: [
      printerColumn('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      printerColumn('SourcePVC', '.spec.source.persistentVolumeClaimName'),
      printerColumn('SourceSnapshotContent', '.spec.source.volumeSnapshotContentName'),
      printerColumn('RestoreSize', '.status.restoreSize'),
      printerColumn('SnapshotClass', '.spec.volumeSnapshotClassName'),
      printerColumn('SnapshotContent', '.status.boundVolumeSnapshotContentName'),
      printerColumn('CreationTime', '.status.creationTime', { type: 'date' }),
      PRINTED_AGE,
    ],
  }),
  custom(known.SNAPSHOT_CONTENTS, {
    schema: storage.SNAPSHOT_CONTENT,
    shortNames: ['vsc', 'vscs'],
    columns: [
      printerColumn('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      printerColumn('RestoreSize', '.status.restoreSize', { type: 'integer' }),
      printerColumn('DeletionPolicy', '.spec.deletionPolicy'),
      printerColumn('Driver', '.spec.driver'),
      printerColumn('VolumeSnapshotClass', '.spec.volumeSnapshotClassName'),
      printerColumn('VolumeSnapshot', '.spec.volumeSnapshotRef.name'),
      printerColumn('VolumeSnapshotNamespace', '.spec.volumeSnapshotRef.namespace'),
      PRINTED_AGE,
    ],
  }),
  custom(known.SNAPSHOT_CLASSES, {
    schema: storage.SNAPSHOT_CLASS,
    shortNames: ['vsclass', 'vsclasses'],
    statusSubresource: false,
    columns: [
      printerColumn('Driver', '.driver'),
      printerColumn('DeletionPolicy', '.deletionPolicy'),
      PRINTED_AGE,
    ],
  }),
];

const CDI_KINDS: readonly KindDefinition[] = [
  custom(known.DATA_VOLUMES, {
    schema: storage.DATA_VOLUME,
    shortNames: ['dv', 'dvs'],
    categories: ['all'],
    columns: [
      printerColumn('Phase', '.status.phase', { description: 'The phase the data volume is in' }),
      printerColumn('Progress', '.status.progress', {
        description: 'Transfer progress in percentage if known, N/A otherwise',
      }),
      printerColumn('Restarts', '.status.restartCount', {
        type: 'integer',
        description: 'The number of times the transfer has been restarted.',
      }),
      PRINTED_AGE,
    ],
  }),
  custom(known.DATA_SOURCES, {
    schema: storage.DATA_SOURCE,
    shortNames: ['das'],
    categories: ['all'],
    statusSubresource: false,
  }),
  custom(known.STORAGE_PROFILES, { schema: storage.STORAGE_PROFILE, statusSubresource: false }),
  custom(known.VOLUME_CLONE_SOURCES, { statusSubresource: false }),
  custom(known.VOLUME_IMPORT_SOURCES, { statusSubresource: false }),
  cdi('dataimportcrons', 'DataImportCron', 'namespaced', {
    shortNames: ['dic', 'dics'],
    categories: ['all'],
    columns: [printerColumn('Format', '.status.sourceFormat')],
  }),
  cdi('cdis', 'CDI', 'cluster', { shortNames: ['cdi'], columns: [PRINTED_AGE, PHASE] }),
  custom(known.CDI_CONFIGS),
];

const KUBEVIRT_KINDS: readonly KindDefinition[] = [
  custom(known.VIRTUAL_MACHINES, {
    schema: VM,
    shortNames: ['vm', 'vms'],
    categories: ['all'],
    columns: [
      PRINTED_AGE,
      printerColumn('Status', '.status.printableStatus', { description: 'Human Readable Status' }),
      READY,
    ],
  }),
  custom(known.VMIS, {
    schema: VMI,
    shortNames: ['vmi', 'vmis'],
    categories: ['all'],
    statusSubresource: false,
    columns: [
      PRINTED_AGE,
      PHASE,
      printerColumn('IP', '.status.interfaces[0].ipAddress'),
      printerColumn('NodeName', '.status.nodeName'),
      READY,
      wideCondition('Live-Migratable', 'LiveMigratable'),
      wideCondition('Paused', 'Paused'),
    ],
  }),
  kubevirt('virtualmachineinstancereplicasets', 'VirtualMachineInstanceReplicaSet', {
    shortNames: ['vmirs', 'vmirss'],
    subresources: ['scale'],
    columns: [
      printerColumn('Desired', '.spec.replicas', { type: 'integer' }),
      printerColumn('Current', '.status.replicas', { type: 'integer' }),
      printerColumn('Ready', '.status.readyReplicas', { type: 'integer' }),
      PRINTED_AGE,
    ],
  }),
  custom(known.MIGRATIONS, {
    categories: ['all'],
    shortNames: ['vmim', 'vmims'],
    columns: [PHASE, printerColumn('VMI', '.spec.vmiName')],
  }),
  kubevirt('kubevirts', 'KubeVirt', {
    shortNames: ['kv', 'kvs'],
    columns: [PRINTED_AGE, PHASE],
  }),
  instancetype('virtualmachineinstancetypes', 'VirtualMachineInstancetype', 'namespaced', {
    shortNames: ['vminstancetype', 'vminstancetypes', 'vmf', 'vmfs'],
  }),
  instancetype(
    'virtualmachineclusterinstancetypes',
    'VirtualMachineClusterInstancetype',
    'cluster',
    { shortNames: ['vmclusterinstancetype', 'vmclusterinstancetypes', 'vmcf', 'vmcfs'] },
  ),
  instancetype('virtualmachinepreferences', 'VirtualMachinePreference', 'namespaced', {
    shortNames: ['vmpref', 'vmprefs', 'vmp', 'vmps'],
  }),
  instancetype('virtualmachineclusterpreferences', 'VirtualMachineClusterPreference', 'cluster', {
    shortNames: ['vmcp', 'vmcps'],
  }),
];

/** Their status is written with all else in v1.1.1. */
const VM_SNAPSHOT_KINDS: readonly KindDefinition[] = [
  custom(known.VM_SNAPSHOTS, {
    shortNames: ['vmsnapshot', 'vmsnapshots'],
    categories: ['all'],
    statusSubresource: false,
    columns: [
      printerColumn('SourceKind', '.spec.source.kind'),
      printerColumn('SourceName', '.spec.source.name'),
      PHASE,
      printerColumn('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      printerColumn('CreationTime', '.status.creationTime', { type: 'date' }),
      printerColumn('Error', '.status.error.message'),
    ],
  }),
  custom(known.VM_SNAPSHOT_CONTENTS, {
    shortNames: ['vmsnapshotcontent', 'vmsnapshotcontents'],
    categories: ['all'],
    statusSubresource: false,
    columns: [
      printerColumn('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      printerColumn('CreationTime', '.status.creationTime', { type: 'date' }),
      printerColumn('Error', '.status.error.message'),
    ],
  }),
  custom(known.VM_RESTORES, {
    shortNames: ['vmrestore', 'vmrestores'],
    categories: ['all'],
    statusSubresource: false,
    columns: [
      printerColumn('TargetKind', '.spec.target.kind'),
      printerColumn('TargetName', '.spec.target.name'),
      printerColumn('Complete', '.status.complete', { type: 'boolean' }),
      printerColumn('RestoreTime', '.status.restoreTime', { type: 'date' }),
      printerColumn('Error', '.status.error.message'),
    ],
  }),
];

const OPERATOR_KINDS: readonly KindDefinition[] = [
  custom(
    resource('hco.kubevirt.io', 'v1beta1', 'hyperconvergeds', 'HyperConverged', 'namespaced'),
    {
      shortNames: ['hco', 'hcos'],
      categories: ['all'],
    },
  ),
  custom(resource('metal3.io', 'v1alpha1', 'baremetalhosts', 'BareMetalHost', 'namespaced'), {
    shortNames: ['bmh', 'bmhost'],
    columns: [printerColumn('Online', '.spec.online', { type: 'boolean' }), PRINTED_AGE],
  }),
  custom(known.CEPH_CLUSTERS, {
    shortNames: ['ceph'],
    columns: [
      PRINTED_AGE,
      PHASE,
      printerColumn('Message', '.status.message'),
      printerColumn('Health', '.status.ceph.health'),
    ],
  }),
  custom(resource('ceph.rook.io', 'v1', 'cephblockpools', 'CephBlockPool', 'namespaced'), {
    shortNames: ['cephbp'],
    columns: [PHASE, PRINTED_AGE],
  }),
];

export const CUSTOM_KINDS: readonly KindDefinition[] = [
  ...SNAPSHOT_KINDS,
  ...CDI_KINDS,
  ...KUBEVIRT_KINDS,
  // virt-operator components/crds.go serves both, and stores v1.
  ...KUBEVIRT_KINDS.filter(({ resource: { group } }) => group === 'kubevirt.io').map((kind) =>
    inVersion(kind, 'v1alpha3'),
  ),
  ...VM_SNAPSHOT_KINDS,
  ...OPERATOR_KINDS,
];

function wideCondition(name: string, type: string) {
  return printerColumn(name, `.status.conditions[?(@.type=='${type}')].status`, { wide: true });
}

function cdi(
  plural: string,
  kind: string,
  scope: 'namespaced' | 'cluster',
  options: KindOptions = {},
): KindDefinition {
  return custom(resource('cdi.kubevirt.io', 'v1beta1', plural, kind, scope), {
    statusSubresource: false,
    ...options,
  });
}

function kubevirt(plural: string, kind: string, options: KindOptions): KindDefinition {
  return custom(resource('kubevirt.io', 'v1', plural, kind, 'namespaced'), {
    categories: ['all'],
    ...options,
  });
}

function instancetype(
  plural: string,
  kind: string,
  scope: 'namespaced' | 'cluster',
  options: KindOptions,
): KindDefinition {
  return custom(resource('instancetype.kubevirt.io', 'v1beta1', plural, kind, scope), {
    categories: ['all'],
    statusSubresource: false,
    ...options,
  });
}
